package import MusterModel

extension Store {
    private static let connectionSettings = "connection"

    /// Where devices are to find the server and through what; nil: each goes on with the addresses it has.
    package func fetchConnectionSettings() async throws(StoreError) -> (settings: ConnectionSettings?, revision: Int64) {
        try await read { connection throws(StoreError) in try connection.fetchConnectionSettings(Self.connectionSettings) }
    }

    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `conflict` when the revision is another.
    /// - Returns: the new revision.
    package func setConnectionSettings(
        _ settings: ConnectionSettings?, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            let found = try connection.fetchConnectionSettings(Self.connectionSettings)
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            let revision = try connection.setSetting(Self.connectionSettings, settings?.text ?? "")
            let servers = (settings?.servers ?? []).map(\.description).joined(separator: " ")
            try connection.audit(
                principal, "set-connection-settings", "setting", Self.connectionSettings,
                ["servers": .text(servers), "proxy": .text(settings?.proxy?.description ?? "")], now)
            return revision
        }
    }
}

extension DatabaseConnection {
    fileprivate func fetchConnectionSettings(
        _ name: String
    ) throws(StoreError) -> (settings: ConnectionSettings?, revision: Int64) {
        let found = try fetchFirst("SELECT value, revision FROM setting WHERE name = $1", [.text(name)]) {
            row throws(StoreError) in (text: try row.string(0), revision: try row.int(1))
        }
        guard let found else { return (nil, 0) }
        guard !found.text.isEmpty else { return (nil, found.revision) }
        guard let settings = ConnectionSettings(text: found.text) else {
            throw .damaged("The setting \(name) is not understood.")
        }
        return (settings, found.revision)
    }
}
