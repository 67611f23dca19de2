/// A port as routers and firewalls name it.
package struct LabPort: Hashable, Sendable {
    package enum Kind: String, Sendable { case tcp, udp }

    package var kind: Kind
    package var number: UInt16

    package static func tcp(_ number: UInt16) -> Self { Self(kind: .tcp, number: number) }
    package static func udp(_ number: UInt16) -> Self { Self(kind: .udp, number: number) }

    /// Of a packet to this port, as nft has it.
    var rule: String { "\(kind.rawValue) dport \(number)" }
}
