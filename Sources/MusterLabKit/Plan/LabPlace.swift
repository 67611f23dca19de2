/// A network with a router between it and the Internet: where a device of the lab can be.
///
/// Each has a /24 inside, of which the router is .1, and one address outside, 203.0.113.11 and up.
package enum LabPlace: String, CaseIterable, Sendable {
    /// Where the server is: private addresses, translated; TCP and UDP 13000 are forwarded to the server.
    case office
    /// Private addresses, translated by masquerading; nothing is forwarded in.
    case home
    /// Public addresses behind a firewall that drops everything that is not an answer.
    case branch
    /// Public addresses behind a firewall that lets UDP 15000 in.
    case hosting
    /// As home, and 5 packets in 100 are lost, each way.
    case village
    /// As home: where travellers are.
    case cafe
    /// As home: where travellers go next.
    case hotel

    /// In a few words.
    package var explanation: String {
        switch self {
        case .office: "the server's network; 13000 is forwarded from \(outside)"
        case .home, .cafe, .hotel: "behind masquerading NAT, \(outside)"
        case .branch: "behind a firewall that drops everything inbound"
        case .hosting: "behind a firewall that lets UDP 15000 in"
        case .village: "behind NAT, \(outside), losing \(loss) % of the packets"
        }
    }

    /// Whether what goes out gets the router's address.
    var isTranslated: Bool { self != .branch && self != .hosting }

    /// What the router forwards to the server.
    var forwarded: [LabPort] { self == .office ? [.tcp(13000), .udp(13000)] : [] }

    /// What it lets in to all hosts.
    var opened: [LabPort] { self == .hosting ? [.udp(15000)] : [] }

    /// Packets in 100 that the router drops.
    var loss: Int { self == .village ? 5 : 0 }

    private var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// The router's address outside.
    package var outside: String { "203.0.113.\(10 + number)" }

    /// The router's address inside.
    var router: String { address(1) }

    /// Of 10/8 where it is translated, of 198.18/15, which no one on the real Internet has, where it is not.
    package func address(_ host: Int) -> String { isTranslated ? "10.\(number).0.\(host)" : "198.18.\(number).\(host)" }

    var network: String { "\(address(0))/24" }
}
