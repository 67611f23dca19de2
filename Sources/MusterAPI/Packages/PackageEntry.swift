package import MusterModel

/// An installation package as lists and `packages show` give it. A member that is not set is absent: the device takes what holds for all.
package struct PackageEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: InstallationPackageID
    package var name: String
    /// +1 with each change; also the `ETag`.
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp
    /// `HOST[:PORT]`, in the order devices try them.
    package var servers: [String]
    package var udpPort: Int64
    /// Without its password.
    package var proxy: String?
    package var syncIntervalSeconds: Int64?
    /// Whether devices listen for connection requests.
    package var connectionRequests: Bool?
    package var requestPort: Int64?
    /// Whether devices let that port through their own firewall.
    package var firewall: Bool?
    package var permanentConnection: Bool
    package var tokenLifeSeconds: Int64
    package var tokenUses: Int64
    package var downloads: Int64
    /// How many of the devices there are enrolled by it.
    package var devices: Int64
    /// In the answer to its making and its changes alone: what may keep devices from reaching the server.
    package var warnings: [PackageWarning]?
    /// Where devices come that enrol by it; absent: automatically.
    package var group: GroupReference?
    /// They have these as given by hand.
    package var tags: [String] = []
    /// They wait in *Unassigned* until an administrator approves of them.
    package var approval = false

    package init(
        id: InstallationPackageID, name: String, revision: Int64, created: Timestamp, changed: Timestamp, servers: [String],
        udpPort: Int64, proxy: String?, syncIntervalSeconds: Int64?, connectionRequests: Bool?, requestPort: Int64?,
        firewall: Bool?, permanentConnection: Bool, tokenLifeSeconds: Int64, tokenUses: Int64, downloads: Int64, devices: Int64,
        warnings: [PackageWarning]? = nil
    ) {
        self.id = id
        self.name = name
        self.revision = revision
        self.created = created
        self.changed = changed
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
        self.downloads = downloads
        self.devices = devices
        self.warnings = warnings
    }
}

/// Something about a server address that may keep devices from it. The address was taken all the same.
package struct PackageWarning: Codable, Sendable, Hashable {
    /// Stable codes.
    package enum Code: String, Codable, Sendable, CaseIterable {
        /// The name does not resolve here, now.
        case unresolved
        /// Reached from the same network alone.
        case privateAddress
        /// An IP address: a name can be moved to another machine.
        case addressNotName
    }

    package var code: String
    /// As it was entered.
    package var server: String
    /// English.
    package var text: String

    package init(_ code: Code, server: String, text: String) {
        self.code = code.rawValue
        self.server = server
        self.text = text
    }
}

/// A device in the list of those that enrolled by a package.
package struct PackageDeviceEntry: Codable, Sendable, Hashable {
    package var device: DeviceID
    package var name: String
    package var enrolled: Timestamp

    package init(device: DeviceID, name: String, enrolled: Timestamp) {
        self.device = device
        self.name = name
        self.enrolled = enrolled
    }
}
