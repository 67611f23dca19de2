package import MusterModel

extension Document {
    /// The desired document `agent`.
    package init(_ settings: AgentSettings) {
        var facts: [String: FactValue] = [
            AgentFact.syncInterval: .integer(settings.syncInterval.duration.milliseconds / 1000)
        ]
        if settings.isPermanent { facts[AgentFact.permanentConnection] = .integer(1) }
        if !settings.requests.listens { facts[AgentFact.connectionRequests] = .integer(0) }
        if settings.requests.port != RequestSettings.standardPort {
            facts[AgentFact.requestPort] = .integer(Int64(settings.requests.port))
        }
        if settings.requests.opensFirewall { facts[AgentFact.firewall] = .integer(1) }
        if settings.noticePort != AgentSettings.standardNoticePort {
            facts[AgentFact.noticePort] = .integer(Int64(settings.noticePort))
        }
        if settings.eventsHeld != AgentSettings.standardEventsHeld { facts[AgentFact.eventsHeld] = .integer(settings.eventsHeld) }
        for source in InventorySettings.knownSources where !settings.inventory.sources.contains(source) {
            facts[AgentFact.inventoryPrefix + source] = .integer(0)
        }
        if !settings.inventory.reportsHardware { facts[AgentFact.inventoryHardware] = .integer(0) }
        for (place, server) in (settings.connection?.servers ?? []).prefix(AgentSettings.maximumServers).enumerated() {
            facts[AgentFact.serverPrefix + AgentSettings.place(place)] = .text(server.description)
        }
        if let proxy = settings.connection?.proxy { facts[AgentFact.proxy] = .text(proxy.url) }
        for key in settings.connectionLocks { facts[AgentFact.lockPrefix + key] = .integer(1) }
        for pin in settings.pins { facts[AgentFact.pinPrefix + pin.description] = .integer(1) }
        self.init(facts: facts)
    }
}

extension AgentSettings {
    /// Server addresses of a device: more than anyone has sites.
    package static let maximumServers = 16

    fileprivate static func place(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// What is missing or not understood has its default.
    package init(_ document: Document) {
        let facts = document.facts()
        self.init(
            pins: facts.keys.filter { $0.hasPrefix(AgentFact.pinPrefix) }.sorted()
                .compactMap { Fingerprint(String($0.dropFirst(AgentFact.pinPrefix.count))) })
        if let seconds = facts.integer(AgentFact.syncInterval),
            let interval = SyncInterval(checking: .seconds(min(max(seconds, 0), 1_000_000)))
        {
            syncInterval = interval
        }
        isPermanent = facts.integer(AgentFact.permanentConnection) == 1
        requests.listens = facts.integer(AgentFact.connectionRequests) != 0
        if let port = facts.integer(AgentFact.requestPort).flatMap(UInt16.init(exactly:)),
            RequestSettings.allowedPorts.contains(port)
        {
            requests.port = port
        }
        requests.opensFirewall = facts.integer(AgentFact.firewall) == 1
        if let port = facts.integer(AgentFact.noticePort).flatMap(UInt16.init(exactly:)), port != 0 { noticePort = port }
        if let count = facts.integer(AgentFact.eventsHeld), AgentSettings.allowedEventsHeld.contains(count) { eventsHeld = count }
        inventory.sources = inventory.sources.filter { facts.integer(AgentFact.inventoryPrefix + $0) != 0 }
        inventory.reportsHardware = facts.integer(AgentFact.inventoryHardware) != 0
        let servers = facts.keys.filter { $0.hasPrefix(AgentFact.serverPrefix) }.sorted().prefix(Self.maximumServers)
            .compactMap { facts.text($0).flatMap { ServerAddress($0) } }
        connection = ConnectionSettings(servers: servers, proxy: facts.text(AgentFact.proxy).flatMap { ProxyAddress($0) })
        connectionLocks = Set(ConnectionSettings.keys.filter { facts.integer(AgentFact.lockPrefix + $0) == 1 })
    }
}

extension [String: Document.FactValue] {
    fileprivate func integer(_ name: String) -> Int64? {
        if case .integer(let value) = self[name] { value } else { nil }
    }

    fileprivate func text(_ name: String) -> String? {
        if case .text(let value) = self[name] { value } else { nil }
    }
}
