/// How the device's own firewall stands to the agent's UDP port.
package struct FirewallState: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// None is in force: nothing on this device is in the way.
        case none
        case ufw, firewalld, nftables
    }

    package enum Standing: String, Codable, CaseIterable, Sendable {
        case open, closed
        /// It could not be found out, or the agent does not listen; see `detail`.
        case unknown
    }

    package var kind: Kind = .none
    package var standing: Standing = .unknown
    /// Whether the agent is to open it, by its settings. If not, it only looks.
    package var isManaged = false
    /// Whether the agent opened it: then it takes it away again.
    package var isOpenedByAgent = false
    /// English; why it is not known, or not opened though it should be.
    package var detail: String?

    package init() {}
}

/// A port that the agent let through a firewall, as it is remembered until it is taken away again: `nftables 15000`.
struct OpenedPort: Hashable, Sendable, LosslessStringConvertible {
    let kind: FirewallState.Kind
    let port: UInt16

    init(kind: FirewallState.Kind, port: UInt16) {
        self.kind = kind
        self.port = port
    }

    init?(_ description: String) {
        let words = description.split(separator: " ")
        guard words.count == 2, let kind = FirewallState.Kind(rawValue: String(words[0])), let port = UInt16(words[1])
        else { return nil }
        self.init(kind: kind, port: port)
    }

    var description: String { "\(kind.rawValue) \(port)" }
}
