import MusterModel

/// Of a Network Agent's policy: how often devices come, and where they find the server.
extension PolicyContent {
    mutating func setInterval(_ interval: SyncInterval) { set(NetworkAgentKey.syncInterval, .duration(interval.duration)) }

    /// Nil: each device goes on with what it has.
    /// - Parameter password: of the proxy, sealed.
    mutating func setConnection(_ connection: ConnectionSettings?, password: SecretValue?) {
        set(NetworkAgentKey.serverAddresses, (connection?.servers).map { .list($0.map(\.description)) })
        set(NetworkAgentKey.proxy, (connection?.proxy).map { .text($0.description) })
        set(NetworkAgentKey.proxyPassword, password.map { .secret($0) })
    }

    /// What was locked stays so.
    private mutating func set(_ key: String, _ value: ManagedValue?) {
        settings[key] = value.map { ManagedSetting($0, isLocked: settings[key]?.isLocked ?? false) }
    }
}
