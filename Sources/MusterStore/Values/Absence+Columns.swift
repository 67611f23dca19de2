import MusterModel

/// In the columns `absence`, `absence_reason`, `absence_since`: what a device said of itself (`power-off` …) or `refused` with the
/// reason, and since when.
extension DevicePresence.Absence {
    private static let refusal = "refused"

    /// Nil when it is not known, as from another version.
    init?(code: String?, reason: String?, since: Timestamp?) {
        guard let code, let since else { return nil }
        if let kind = AbsenceNotice.Kind(code: code) {
            self = .notice(AbsenceNotice(kind: kind, time: since))
        } else if code == Self.refusal, let reason = reason.flatMap(CloseReason.init(code:)) {
            self = .refused(reason, since: since)
        } else {
            return nil
        }
    }

    var code: String {
        switch self {
        case .notice(let notice): notice.kind.code
        case .refused: Self.refusal
        }
    }

    var reason: CloseReason? { if case .refused(let reason, _) = self { reason } else { nil } }

    var since: Timestamp {
        switch self {
        case .notice(let notice): notice.time
        case .refused(_, let since): since
        }
    }
}
