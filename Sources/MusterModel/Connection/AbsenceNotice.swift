/// Word from a device that it goes away: by a shutdown notice (UDP 13000), or by the event `agent-stopped` of an open session.
package struct AbsenceNotice: Hashable, Sendable {
    /// What the device said. The numbers travel in the datagram's reason and are never reused.
    package enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        case powerOff = 1
        case reboot = 2
        case suspend = 3
        /// The agent alone: the device goes on running.
        case agentStopped = 4
    }

    package var kind: Kind
    /// When it came, by the server's clock.
    package var time: Timestamp

    package init(kind: Kind, time: Timestamp) {
        self.kind = kind
        self.time = time
    }
}

extension AbsenceNotice.Kind {
    /// As in the event's parameter `reason`, in tables and logs.
    package var code: String {
        switch self {
        case .powerOff: "power-off"
        case .reboot: "reboot"
        case .suspend: "suspend"
        case .agentStopped: "agent-stopped"
        }
    }

    package init?(code: String) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}
