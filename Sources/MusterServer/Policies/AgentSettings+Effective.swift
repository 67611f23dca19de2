import MusterModel

extension AgentSettings {
    /// The Network Agent's effective settings. *Permanent connection* is none of them: it is the device's.
    /// - Parameter base: pins and the port for notices.
    init(_ base: AgentSettings, _ effective: EffectiveSettings, open: (SecretValue) -> SecretValue?) {
        self = base
        if case .duration(let duration) = effective[NetworkAgentKey.syncInterval], let interval = SyncInterval(checking: duration)
        {
            syncInterval = interval
        }
        if case .onOff(let listens) = effective[NetworkAgentKey.connectionRequests] { requests.listens = listens }
        if case .number(let number) = effective[NetworkAgentKey.requestPort], let port = UInt16(exactly: number) {
            requests.port = port
        }
        if case .onOff(let opens) = effective[NetworkAgentKey.firewall] { requests.opensFirewall = opens }
        if case .number(let number) = effective[NetworkAgentKey.eventsHeld] { eventsHeld = number }
        if case .list(let sources) = effective[NetworkAgentKey.inventorySources] { inventory.sources = Set(sources) }
        if case .onOff(let reports) = effective[NetworkAgentKey.inventoryHardware] { inventory.reportsHardware = reports }
        connection = ConnectionSettings(effective, open: open)
        connectionLocks =
            connection == nil ? [] : Set(ConnectionSettings.keys.filter { effective.settings[$0]?.isLocked ?? false })
    }
}

extension ConnectionSettings {
    /// Nil without server addresses.
    fileprivate init?(_ effective: EffectiveSettings, open: (SecretValue) -> SecretValue?) {
        guard case .list(let texts) = effective[NetworkAgentKey.serverAddresses] else { return nil }
        self.init(servers: texts.compactMap { ServerAddress($0) }, proxy: Self.proxy(effective, open: open))
    }

    private static func proxy(_ effective: EffectiveSettings, open: (SecretValue) -> SecretValue?) -> ProxyAddress? {
        guard case .text(let text) = effective[NetworkAgentKey.proxy], var proxy = ProxyAddress(text) else { return nil }
        if case .secret(let sealed) = effective[NetworkAgentKey.proxyPassword], let secret = open(sealed) {
            proxy.password = String(decoding: secret.bytes, as: UTF8.self)
        }
        return proxy
    }
}
