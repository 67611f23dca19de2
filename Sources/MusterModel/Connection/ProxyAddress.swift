/// An HTTP proxy that agents go through to their server: `http://[user[:password]@]host:port`.
package struct ProxyAddress: Hashable, Sendable {
    package static let standardPort: UInt16 = 3128
    /// Bytes of user and password together, as they are written: they go into one header line.
    private static let maximumCredentials = 512

    package var address: ServerAddress
    /// Empty: the proxy asks for none.
    package var user: String
    package var password: String

    package init(address: ServerAddress, user: String = "", password: String = "") {
        self.address = address
        self.user = user
        self.password = password
    }

    /// With the password: for files and wire that are secret themselves, never for a log.
    package var url: String {
        guard !user.isEmpty else { return "http://\(address)" }
        return "http://\(Self.escaped(user)):\(Self.escaped(password))@\(address)"
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.text([byte])
        }.joined()
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = Hexadecimal.bytes(String(Substring(rest.prefix(2))))?.first else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ? text : nil
    }
}

extension ProxyAddress: CustomStringConvertible, LosslessStringConvertible {
    package init?(_ description: String) {
        let scheme = "http://"
        guard description.hasPrefix(scheme) else { return nil }
        var rest = description.dropFirst(scheme.count)
        if rest.last == "/" { rest = rest.dropLast() }
        var (user, password) = ("", "")
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let colon = credentials.firstIndex(of: ":") ?? credentials.endIndex
            guard credentials.utf8.count <= Self.maximumCredentials, let name = Self.unescaped(credentials[..<colon]),
                !name.isEmpty, let secret = Self.unescaped(credentials[colon...].dropFirst())
            else { return nil }
            (user, password) = (name, secret)
        }
        // Without a port it is that of proxies, not that of servers.
        let host = rest.hasPrefix("[") ? rest.drop { $0 != "]" } : rest
        guard let address = ServerAddress(String(rest) + (host.contains(":") ? "" : ":\(Self.standardPort)")) else { return nil }
        self.init(address: address, user: user, password: password)
    }

    /// Without the password.
    package var description: String { user.isEmpty ? "http://\(address)" : "http://\(Self.escaped(user))@\(address)" }
}
