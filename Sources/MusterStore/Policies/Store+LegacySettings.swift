package import MusterModel

/// Connection settings of before there were policies. Their addresses and proxy are in the Network Agent's policy of the root group since the
/// migration; what is left is the proxy's password.
extension Store {
    /// Nil when there are none (any more).
    package func fetchLegacyConnectionSettings() async throws(StoreError) -> ConnectionSettings? {
        try await read { connection throws(StoreError) in try connection.fetchLegacyConnectionSettings() }
    }

    /// To be called once the password is in the policy, sealed, or there was none.
    package func forgetLegacyConnectionSettings() async throws(StoreError) {
        _ = try await write { connection throws(StoreError) in
            try connection.run("DELETE FROM setting WHERE name = 'connection'")
        }
    }
}

extension DatabaseConnection {
    func fetchLegacyConnectionSettings() throws(StoreError) -> ConnectionSettings? {
        let text = try fetchFirst("SELECT value FROM setting WHERE name = 'connection'") { row throws(StoreError) in
            try row.string(0)
        }
        guard let text, !text.isEmpty else { return nil }
        guard let settings = ConnectionSettings(text: text) else { throw .damaged("The setting connection is not understood.") }
        return settings
    }
}
