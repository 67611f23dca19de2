package import MusterModel

/// The interval of synchronization for all devices, as the administrator set it.
package struct SyncIntervalSetting: Hashable, Sendable {
    package var interval: SyncInterval
    /// 0 until it is set for the first time.
    package var revision: Int64

    package init(interval: SyncInterval, revision: Int64) {
        self.interval = interval
        self.revision = revision
    }
}

extension Store {
    private static let syncInterval = "sync-interval"

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

    package func fetchSyncInterval() async throws(StoreError) -> SyncIntervalSetting {
        try await read { connection throws(StoreError) in try connection.fetchSyncInterval(Self.syncInterval) }
    }

    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `conflict` when the revision is another.
    @discardableResult
    package func setSyncInterval(
        _ interval: SyncInterval, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> SyncIntervalSetting {
        try await write { connection throws(StoreError) in
            let found = try connection.fetchSyncInterval(Self.syncInterval)
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            let revision = try connection.setSetting(Self.syncInterval, String(interval.duration.milliseconds))
            try connection.audit(
                principal, "set-sync-interval", "setting", Self.syncInterval,
                ["from": .duration(found.interval.duration), "to": .duration(interval.duration)], now)
            return SyncIntervalSetting(interval: interval, revision: revision)
        }
    }
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

    fileprivate func fetchSyncInterval(_ name: String) throws(StoreError) -> SyncIntervalSetting {
        let found = try fetchFirst("SELECT value, revision FROM setting WHERE name = $1", [.text(name)]) {
            row throws(StoreError) in (text: try row.string(0), revision: try row.int(1))
        }
        guard let found else { return SyncIntervalSetting(interval: .standard, revision: 0) }
        guard let milliseconds = Int64(found.text), let interval = SyncInterval(checking: .milliseconds(milliseconds))
        else { throw .damaged("The setting \(name) is '\(found.text)'.") }
        return SyncIntervalSetting(interval: interval, revision: found.revision)
    }
}
