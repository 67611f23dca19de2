/// How far an action is on its way to a device and back. The numbers are those of the table.
package enum ActionProgress: Int64, CaseIterable, Hashable, Sendable {
    /// Waits for the device to be reached.
    case pending = 1
    /// Said in a session; the device did not answer yet.
    case sent = 2
    /// The device has written it down.
    case accepted = 3
    case done = 4
    case failed = 5
    /// Its time was up before the device accepted it.
    case expired = 6
    case cancelled = 7

    package var code: String { "\(self)" }

    package init?(code: String) {
        guard let progress = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = progress
    }

    /// Nothing comes after it.
    package var isFinal: Bool {
        switch self {
        case .pending, .sent, .accepted: false
        case .done, .failed, .expired, .cancelled: true
        }
    }
}
