/// Where a server listens for agents: a name or address and a TCP port.
package struct ServerAddress: Hashable, Sendable {
    package static let standardPort: UInt16 = 13_000

    /// A DNS name, an IPv4 address, or an IPv6 address without brackets.
    package var host: String
    package var port: UInt16

    /// Nil when `host` can be no name and no address, or the port is 0.
    package init?(host: String, port: UInt16 = standardPort) {
        guard port > 0, Self.isIPv6(host) || Self.isNameOrIPv4(host) else { return nil }
        self.host = host
        self.port = port
    }

    /// An interface may follow a link-local address: fe80::1%eth0.
    private static func isIPv6(_ text: String) -> Bool { InternetAddress.isIPv6(text.prefix { $0 != "%" }) }

    private static func isNameOrIPv4(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension ServerAddress: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: `HOST[:PORT]`; an IPv6 address stands in brackets: `[2001:db8::1]:13000`.
    package init?(_ description: String) {
        let host: Substring
        var rest: Substring
        if description.hasPrefix("[") {
            guard let end = description.firstIndex(of: "]") else { return nil }
            host = description[description.index(after: description.startIndex)..<end]
            rest = description[description.index(after: end)...]
            guard Self.isIPv6(String(host)) else { return nil }
        } else {
            host = description.prefix { $0 != ":" }
            rest = description[host.endIndex...]
        }
        var port = Self.standardPort
        if rest.popFirst() != nil {
            guard description[rest.startIndex...].allSatisfy(\.isNumber), let number = UInt16(rest),
                description[description.index(before: rest.startIndex)] == ":"
            else { return nil }
            port = number
        }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
