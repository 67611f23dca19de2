/// What a change does to a member that may be unset: absent keeps it, `null` unsets it, a value sets it.
package enum Change<Value: Codable & Sendable>: Sendable {
    case keep
    case unset
    case set(Value)

    package func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .unset: nil
        case .set(let value): value
        }
    }
}

/// `POST /packages` and `PATCH /packages/{id}`: the same members; the first needs `name` and `servers`.
package struct PackageChange: ChangeRequest {
    package var name: String?
    package var servers: [String]?
    package var udpPort: Int64?
    package var proxy: Change<String>
    package var syncIntervalSeconds: Change<Int64>
    package var connectionRequests: Change<Bool>
    package var requestPort: Change<Int64>
    package var firewall: Change<Bool>
    package var permanentConnection: Bool?
    package var tokenLifeSeconds: Int64?
    package var tokenUses: Int64?
    /// Path or id of the group devices come to.
    package var group: Change<String>
    /// All of them.
    package var tags: [String]?
    package var approval: Bool?

    package init(
        name: String? = nil, servers: [String]? = nil, udpPort: Int64? = nil, proxy: Change<String> = .keep,
        syncIntervalSeconds: Change<Int64> = .keep, connectionRequests: Change<Bool> = .keep,
        requestPort: Change<Int64> = .keep, firewall: Change<Bool> = .keep, permanentConnection: Bool? = nil,
        tokenLifeSeconds: Int64? = nil, tokenUses: Int64? = nil, group: Change<String> = .keep,
        tags: [String]? = nil, approval: Bool? = nil
    ) {
        self.name = name
        self.servers = servers
        self.udpPort = udpPort
        self.proxy = proxy
        self.syncIntervalSeconds = syncIntervalSeconds
        self.connectionRequests = connectionRequests
        self.requestPort = requestPort
        self.firewall = firewall
        self.permanentConnection = permanentConnection
        self.tokenLifeSeconds = tokenLifeSeconds
        self.tokenUses = tokenUses
        self.group = group
        self.tags = tags
        self.approval = approval
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, servers, udpPort, proxy, syncIntervalSeconds, connectionRequests, requestPort, firewall, permanentConnection
        case tokenLifeSeconds, tokenUses, group, tags, approval
    }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decodeIfPresent(String.self, forKey: .name),
            servers: try container.decodeIfPresent([String].self, forKey: .servers),
            udpPort: try container.decodeIfPresent(Int64.self, forKey: .udpPort),
            proxy: try container.change(.proxy), syncIntervalSeconds: try container.change(.syncIntervalSeconds),
            connectionRequests: try container.change(.connectionRequests), requestPort: try container.change(.requestPort),
            firewall: try container.change(.firewall),
            permanentConnection: try container.decodeIfPresent(Bool.self, forKey: .permanentConnection),
            tokenLifeSeconds: try container.decodeIfPresent(Int64.self, forKey: .tokenLifeSeconds),
            tokenUses: try container.decodeIfPresent(Int64.self, forKey: .tokenUses), group: try container.change(.group),
            tags: try container.decodeIfPresent([String].self, forKey: .tags),
            approval: try container.decodeIfPresent(Bool.self, forKey: .approval))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(servers, forKey: .servers)
        try container.encodeIfPresent(udpPort, forKey: .udpPort)
        try container.encode(proxy, .proxy)
        try container.encode(syncIntervalSeconds, .syncIntervalSeconds)
        try container.encode(connectionRequests, .connectionRequests)
        try container.encode(requestPort, .requestPort)
        try container.encode(firewall, .firewall)
        try container.encodeIfPresent(permanentConnection, forKey: .permanentConnection)
        try container.encodeIfPresent(tokenLifeSeconds, forKey: .tokenLifeSeconds)
        try container.encodeIfPresent(tokenUses, forKey: .tokenUses)
        try container.encode(group, .group)
        try container.encodeIfPresent(tags, forKey: .tags)
        try container.encodeIfPresent(approval, forKey: .approval)
    }
}

extension KeyedDecodingContainer<PackageChange.CodingKeys> {
    fileprivate func change<Value>(_ key: PackageChange.CodingKeys) throws -> Change<Value> {
        guard contains(key) else { return .keep }
        return try decodeNil(forKey: key) ? .unset : .set(decode(Value.self, forKey: key))
    }
}

extension KeyedEncodingContainer<PackageChange.CodingKeys> {
    fileprivate mutating func encode<Value>(_ change: Change<Value>, _ key: PackageChange.CodingKeys) throws {
        switch change {
        case .keep: break
        case .unset: try encodeNil(forKey: key)
        case .set(let value): try encode(value, forKey: key)
        }
    }
}

/// What `POST /packages/{id}/downloads` gives.
package enum PackageFormat: String, Sendable, CaseIterable {
    /// The agent's package for Debian and Ubuntu, with the connection file inside.
    case deb
    /// The connection file alone.
    case connectionFile = "connection-file"

    /// A file's name for the package: what is unusual in one becomes a hyphen.
    package func fileName(package name: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-".unicodeScalars)
        let kept = String(String.UnicodeScalarView(name.unicodeScalars.map { plain.contains($0) ? $0 : "-" }))
        return switch self {
        case .deb: "muster-agent-\(kept).deb"
        case .connectionFile: "muster-agent-\(kept).connection"
        }
    }
}
