/// The Network Agent's effective settings on one device: what travels in the desired document `agent`.
package struct AgentSettings: Hashable, Sendable {
    package static let standardNoticePort: UInt16 = 13_000
    package static let standardEventsHeld: Int64 = 50_000
    package static let allowedEventsHeld: ClosedRange<Int64> = 1_000...1_000_000

    package var syncInterval: SyncInterval
    /// *Do not disconnect from the Administration Server*.
    package var isPermanent: Bool
    package var requests: RequestSettings
    /// Where the server takes shutdown notices, UDP.
    package var noticePort: UInt16 = Self.standardNoticePort
    /// So many events wait on the device at most.
    package var eventsHeld = Self.standardEventsHeld
    package var inventory = InventorySettings()
    /// Nil: the device goes on with what it has. Comes into force on trial.
    package var connection: ConnectionSettings?
    /// Of the keys in `connection`, those that are put back when they are changed on the device.
    package var connectionLocks: Set<String> = []
    /// Every key the server may use; never empty on the wire.
    package var pins: [Fingerprint]

    package init(
        syncInterval: SyncInterval = .standard, isPermanent: Bool = false, requests: RequestSettings = RequestSettings(),
        connection: ConnectionSettings? = nil, pins: [Fingerprint]
    ) {
        self.syncInterval = syncInterval
        self.isPermanent = isPermanent
        self.requests = requests
        self.connection = connection
        self.pins = pins
    }
}

/// How a device takes connection requests (UDP).
package struct RequestSettings: Hashable, Sendable {
    package static let standardPort: UInt16 = 15_000
    /// Ports below are for the system's own services.
    package static let allowedPorts: ClosedRange<UInt16> = 1024...65_535

    package var listens: Bool
    package var port: UInt16
    /// Lets the port through the device's own firewall.
    package var opensFirewall: Bool

    package init(listens: Bool = true, port: UInt16 = standardPort, opensFirewall: Bool = false) {
        self.listens = listens
        self.port = port
        self.opensFirewall = opensFirewall
    }
}

/// What a device reports of itself, beside document `system`.
package struct InventorySettings: Hashable, Sendable {
    /// Those an agent may be told to read or not to; others it reads as it is made.
    package static let knownSources = ["dpkg", "python"]

    /// Which are read for the list of installed applications.
    package var sources: Set<String>
    package var reportsHardware: Bool

    package init(sources: Set<String> = Set(knownSources), reportsHardware: Bool = true) {
        self.sources = sources
        self.reportsHardware = reportsHardware
    }
}

/// Where a device finds its server, and through what.
package struct ConnectionSettings: Hashable, Sendable {
    /// Of the Network Agent's settings, those that a device's own user can change.
    package static let keys = [NetworkAgentKey.serverAddresses, NetworkAgentKey.proxy]

    /// In the order they are tried; not empty.
    package var servers: [ServerAddress]
    package var proxy: ProxyAddress?

    /// Nil without a server.
    package init?(servers: [ServerAddress], proxy: ProxyAddress? = nil) {
        guard !servers.isEmpty else { return nil }
        self.servers = servers
        self.proxy = proxy
    }
}

/// What was set for one device alone: nil takes what holds for all. *Permanent connection* is none of these: it has a limit.
package struct DeviceSettings: Hashable, Sendable {
    package var syncInterval: SyncInterval?
    package var listens: Bool?
    package var requestPort: UInt16?
    package var opensFirewall: Bool?

    package init(
        syncInterval: SyncInterval? = nil, listens: Bool? = nil, requestPort: UInt16? = nil, opensFirewall: Bool? = nil
    ) {
        self.syncInterval = syncInterval
        self.listens = listens
        self.requestPort = requestPort
        self.opensFirewall = opensFirewall
    }

    package static let none = DeviceSettings()
}

extension DeviceSettings {
    private enum Name {
        static let syncInterval = "sync-interval"
        static let listens = "connection-requests"
        static let requestPort = "request-port"
        static let opensFirewall = "firewall"
    }

    /// As the table of a device's settings has them: a name and a number. What is not known or out of range is left out.
    package init(values: [String: Int64]) {
        self.init(
            syncInterval: values[Name.syncInterval].flatMap { SyncInterval(checking: .milliseconds($0)) },
            listens: values[Name.listens].map { $0 != 0 },
            requestPort: values[Name.requestPort].flatMap(UInt16.init(exactly:))
                .flatMap { RequestSettings.allowedPorts.contains($0) ? $0 : nil },
            opensFirewall: values[Name.opensFirewall].map { $0 != 0 })
    }

    package var values: [String: Int64] {
        var values: [String: Int64] = [:]
        values[Name.syncInterval] = syncInterval?.duration.milliseconds
        values[Name.listens] = listens.map { $0 ? 1 : 0 }
        values[Name.requestPort] = requestPort.map(Int64.init)
        values[Name.opensFirewall] = opensFirewall.map { $0 ? 1 : 0 }
        return values
    }
}
