/// Where devices are to find the server and through what, and the revision of that setting (also the `ETag`).
package struct ConnectionSettingsEntry: Codable, Sendable, Hashable {
    /// `HOST:PORT`, in the order they are tried; none: each device goes on with the addresses it has.
    package var servers: [String]
    /// Without its password.
    package var proxy: String?
    package var revision: Int64

    package init(servers: [String], proxy: String?, revision: Int64) {
        self.servers = servers
        self.proxy = proxy
        self.revision = revision
    }
}

/// `PUT /settings/connection`: all of it.
package struct SetConnectionSettings: ChangeRequest {
    /// `HOST[:PORT]`; none: each device goes on with what it has.
    package var servers: [String]
    /// `http://[USER[:PASSWORD]@]HOST[:PORT]`; absent: none.
    package var proxy: String?

    package init(servers: [String], proxy: String? = nil) {
        self.servers = servers
        self.proxy = proxy
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case servers, proxy }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// As many as travel to a device.
    package static let maximumServers = 16
}
