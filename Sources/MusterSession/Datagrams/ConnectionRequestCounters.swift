/// What became of the datagrams that came to a device's UDP port since its agent started. Nobody is answered: this is where they show.
package struct ConnectionRequestCounters: Codable, Hashable, Sendable {
    package var received: UInt64 = 0
    /// The agent connected.
    package var accepted: UInt64 = 0
    /// Signatures checked: at most 10 a second.
    package var signatureChecks: UInt64 = 0
    /// Not 136 bytes, or not a connection request.
    package var truncated: UInt64 = 0
    /// For another device, or signed under a key that is not the server's.
    package var foreign: UInt64 = 0
    /// Not newer than the last one accepted: every second and third copy is counted here too.
    package var replayed: UInt64 = 0
    /// Past 10 signature checks a second.
    package var flooded: UInt64 = 0
    /// Names the server's key and is not signed with it.
    package var forged: UInt64 = 0
    /// Signed by the server more than 5 minutes ago or in the future, or the server's time is not known yet.
    package var late: UInt64 = 0

    package init() {}

    mutating func count(_ refusal: ConnectionRequestRefusal) {
        switch refusal {
        case .truncated: truncated += 1
        case .foreign: foreign += 1
        case .replayed: replayed += 1
        case .flooded: flooded += 1
        case .forged: forged += 1
        case .late: late += 1
        }
    }
}

/// Why a datagram was dropped.
package enum ConnectionRequestRefusal: String, CaseIterable, Hashable, Sendable {
    case truncated, foreign, replayed, flooded, forged, late
}
