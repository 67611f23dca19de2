/// The **connection file**: what an installation package carries to a device, so that it finds its server, knows it, and may enrol.
/// JSON; root's alone (0600), because the token is a secret.
package struct ConnectionFile: Codable, Hashable, Sendable {
    package static let currentVersion = 1
    /// Bytes of a file that is read: a dozen addresses and pins fit many times over.
    package static let maximumBytes = 64 * 1024

    package var version: Int
    /// The installation package's name, for people.
    package var package: String
    /// In the order they are tried.
    package var servers: [ServerAddress]
    /// Where shutdown notices go; nil: where the server says.
    package var udpPort: UInt16?
    package var proxy: ProxyAddress?
    package var pins: [Fingerprint]
    /// DER: what connection requests are checked against before the first synchronization.
    package var serverCertificate: [UInt8]?
    /// `id.secret`.
    package var token: String

    package init(
        package: String, servers: [ServerAddress], udpPort: UInt16? = nil, proxy: ProxyAddress? = nil,
        pins: [Fingerprint], serverCertificate: [UInt8]? = nil, token: String
    ) {
        version = Self.currentVersion
        self.package = package
        self.servers = servers
        self.udpPort = udpPort
        self.proxy = proxy
        self.pins = pins
        self.serverCertificate = serverCertificate
        self.token = token
    }

    private enum CodingKeys: String, CodingKey {
        case version, package, servers, udpPort, proxy, pins, serverCertificate, token
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(Int.self, forKey: .version)
        guard version == Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: container,
                debugDescription: "version \(version) is not known, \(Self.currentVersion) is: install a newer agent")
        }
        package = try container.decode(String.self, forKey: .package)
        servers = try container.decode([String].self, forKey: .servers).map { text in
            try Self.parsed(ServerAddress(text), "'\(text)' is no server address (HOST[:PORT])", .servers, container)
        }
        guard !servers.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .servers, in: container, debugDescription: "there is no server address")
        }
        udpPort = try container.decodeIfPresent(UInt16.self, forKey: .udpPort)
        proxy = try container.decodeIfPresent(String.self, forKey: .proxy).map { text in
            try Self.parsed(ProxyAddress(text), "the proxy is no http://[user:password@]host:port", .proxy, container)
        }
        pins = try container.decode([Fingerprint].self, forKey: .pins)
        guard !pins.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .pins, in: container, debugDescription: "there is no server key fingerprint")
        }
        serverCertificate = try container.decodeIfPresent(String.self, forKey: .serverCertificate).map { text in
            try Self.parsed(Hexadecimal.bytes(text), "it is not hexadecimal", .serverCertificate, container)
        }
        token = try container.decode(String.self, forKey: .token)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(package, forKey: .package)
        try container.encode(servers.map(\.description), forKey: .servers)
        try container.encodeIfPresent(udpPort, forKey: .udpPort)
        try container.encodeIfPresent(proxy?.url, forKey: .proxy)
        try container.encode(pins, forKey: .pins)
        try container.encodeIfPresent(serverCertificate.map { Hexadecimal.text($0) }, forKey: .serverCertificate)
        try container.encode(token, forKey: .token)
    }

    private static func parsed<Value>(
        _ value: Value?, _ complaint: String, _ key: CodingKeys, _ container: KeyedDecodingContainer<CodingKeys>
    ) throws -> Value {
        guard let value else {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: complaint)
        }
        return value
    }
}
