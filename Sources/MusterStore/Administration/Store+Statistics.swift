extension Store {
    /// Counts what there is; on millions of events it takes some tenths of a second of a reader.
    package func statistics() async throws(StoreError) -> StoreStatistics {
        try await read { connection throws(StoreError) in
            func count(_ what: String) throws(StoreError) -> Int64 {
                try connection.fetchFirst("SELECT COUNT(*) FROM \(what)") { row throws(StoreError) in try row.int(0) } ?? 0
            }
            return StoreStatistics(
                kind: connection.kind, schemaVersion: try count("migration"), devices: try count("device WHERE deleted IS NULL"),
                events: try count("event"), installedItems: try count("installed_item"),
                databaseBytes: try connection.fetchDatabaseBytes())
        }
    }
}
