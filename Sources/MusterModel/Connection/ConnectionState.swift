/// How it stands with a device's connection: the answer to "why is it not here?".
package enum ConnectionState: Int, CaseIterable, Hashable, Sendable {
    /// A session is open.
    case connected
    /// Away, and in time: its next synchronization is less than two intervals ago.
    case onSchedule
    // It said so when it went.
    case shutDown
    case rebooting
    case suspended
    /// The agent alone; the device may well be running.
    case agentStopped
    /// Two intervals late, and nobody said why.
    case overdue
    /// When it came last, it was refused.
    case refused
    /// Enrolled, and never seen since.
    case neverConnected
}

extension ConnectionState {
    /// The stable name used in JSON, logs and metrics.
    package var code: String {
        switch self {
        case .connected: "connected"
        case .onSchedule: "on-schedule"
        case .shutDown: "shut-down"
        case .rebooting: "rebooting"
        case .suspended: "suspended"
        case .agentStopped: "agent-stopped"
        case .overdue: "overdue"
        case .refused: "refused"
        case .neverConnected: "never-connected"
        }
    }

    package init?(code: String) {
        guard let state = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = state
    }

    /// In English: the code with spaces.
    package var words: String { code.split(separator: "-").joined(separator: " ") }

    /// What a device is after its word.
    package init(_ kind: AbsenceNotice.Kind) {
        self =
            switch kind {
            case .powerOff: .shutDown
            case .reboot: .rebooting
            case .suspend: .suspended
            case .agentStopped: .agentStopped
            }
    }
}

/// A device's connection state with what belongs to it.
package struct ConnectionStatus: Hashable, Sendable {
    package var state: ConnectionState
    /// Since when; by the server's clock.
    package var since: Timestamp
    /// Of a refused device: why.
    package var reason: CloseReason?
    /// Of a device with a permanent connection that has none: since when.
    package var permanentConnectionLostSince: Timestamp?

    package init(
        _ state: ConnectionState, since: Timestamp, reason: CloseReason? = nil, permanentConnectionLostSince: Timestamp? = nil
    ) {
        self.state = state
        self.since = since
        self.reason = reason
        self.permanentConnectionLostSince = permanentConnectionLostSince
    }
}
