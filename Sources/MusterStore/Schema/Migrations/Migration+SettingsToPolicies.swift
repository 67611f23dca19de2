import MusterModel

extension Migration {
    /// The interval and the connection settings for all devices become a policy of the root group. What is said here stays as it is,
    /// whatever later programs do with policies, so the SQL is written out.
    ///
    /// The setting `connection` stays: it has the proxy's password in clear, which a policy only keeps sealed. The server seals it and forgets
    /// the setting (`Store.forgetLegacyConnectionSettings`).
    static let settingsToPolicies = Migration(
        name: "0013-settings-to-policies", template: "",
        then: { connection, now throws(StoreError) in try SettingsMove(connection: connection, now: now).run() })
}

private struct SettingsMove {
    let connection: any DatabaseConnection
    let now: Timestamp

    func run() throws(StoreError) {
        var settings: [String: ManagedSetting] = [:]
        if let interval = try fetchInterval() {
            settings[NetworkAgentKey.syncInterval] = ManagedSetting(.duration(interval.duration))
        }
        if let found = try connection.fetchLegacyConnectionSettings() {
            settings[NetworkAgentKey.serverAddresses] = ManagedSetting(.list(found.servers.map(\.description)))
            settings[NetworkAgentKey.proxy] = found.proxy.map { ManagedSetting(.text($0.description)) }
        }
        try connection.run("DELETE FROM setting WHERE name = 'sync-interval'")
        if !settings.isEmpty { try insert(PolicyContent(settings: settings)) }
    }

    /// Nil, too, for what is no interval: the standard holds then, as it did.
    private func fetchInterval() throws(StoreError) -> SyncInterval? {
        try connection.fetchFirst("SELECT value FROM setting WHERE name = 'sync-interval'") { row throws(StoreError) in
            Int64(try row.string(0)).flatMap { SyncInterval(checking: .milliseconds($0)) }
        } ?? nil
    }

    private func insert(_ content: PolicyContent) throws(StoreError) {
        let (id, text) = (PolicyID.random(), try StoredJSON.text(content, of: "The policy"))
        try connection.run(
            """
            INSERT INTO policy (id, application, group_id, name, active, revision, content, created, changed)
            VALUES ($1, 'network-agent', $2, 'Network Agent', 1, 1, $3, $4, $4)
            """, [.id(id), .id(GroupID.root), .text(text), .time(now)])
        try connection.run(
            """
            INSERT INTO policy_revision (policy, revision, at, principal_kind, principal, change, name, active, content)
            VALUES ($1, 1, $3, 'system', '', 'taken over from the settings', 'Network Agent', 1, $2)
            """, [.id(id), .text(text), .time(now)])
    }
}
