extension Store {
    /// A named value of the server itself.
    package func value(_ name: String) async throws(StoreError) -> String? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT value FROM setting WHERE name = $1", [.text("server." + name)]) {
                row throws(StoreError) in try row.string(0)
            }
        }
    }

    package func setValue(_ name: String, _ text: String) async throws(StoreError) {
        _ = try await write { connection throws(StoreError) in try connection.setSetting("server." + name, text) }
    }

    private static let datagramsReceived = "udp-received"

    /// Whether anything ever came in on the UDP port.
    package func hasReceivedDatagrams() async throws(StoreError) -> Bool { try await value(Self.datagramsReceived) != nil }

    package func setDatagramsReceived() async throws(StoreError) { try await setValue(Self.datagramsReceived, "1") }
}

extension DatabaseConnection {
    /// - Returns: the new revision.
    @discardableResult
    func setSetting(_ name: String, _ text: String) throws(StoreError) -> Int64 {
        let revision = try fetchFirst(
            """
            INSERT INTO setting (name, value, revision) VALUES ($1, $2, 1)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, revision = setting.revision + 1 RETURNING revision
            """, [.text(name), .text(text)]
        ) { row throws(StoreError) in try row.int(0) }
        return revision ?? 0
    }
}
