/// Where the HTTPS API is: `host`, `host:port`, `[2001:db8::1]:port`, with or without `https://`.
struct APIAddress: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    static let standardPort = 13299

    /// A name or an address, without brackets.
    let host: String
    let port: Int

    init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("https://") { rest = rest.dropFirst(8) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let (host, port) = Self.split(rest), !host.isEmpty, host.utf8.count <= 253,
            host.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 32 && !"/@?#[]\\".unicodeScalars.contains($0) })
        else { return nil }
        self.host = String(host)
        self.port = port
    }

    private static func split(_ text: Substring) -> (host: Substring, port: Int)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (host, standardPort) }
            guard rest.hasPrefix(":"), let port = Self.port(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        let colons = text.count { $0 == ":" }
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return (text, standardPort) }
        guard let port = Self.port(text[text.index(after: colon)...]) else { return nil }
        return (text[..<colon], port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard let port = Int(text), (1...65535).contains(port), text.allSatisfy(\.isNumber) else { return nil }
        return port
    }

    /// As in a URL and in the header `Host`.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
