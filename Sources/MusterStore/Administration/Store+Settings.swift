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

    /// As the Network Agent's policy of the root group has it; the revision is the policy's.
    package func fetchSyncInterval() async throws(StoreError) -> SyncIntervalSetting {
        try await read { connection throws(StoreError) in
            try PolicyRows(connection: connection).fetchActive(of: .networkAgent, in: .root).syncInterval
        }
    }

    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `conflict` when the revision is another.
    @discardableResult
    package func setSyncInterval(
        _ interval: SyncInterval, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> SyncIntervalSetting {
        let record: PolicyRecord? = try await editActivePolicy(
            of: .networkAgent, in: .root, new: (.random(), ApplicationManifest.networkAgent.title),
            expectedRevision: expectedRevision, change: "settings: sync-interval", principal: principal, now: now
        ) { content in
            content.settings[NetworkAgentKey.syncInterval, default: ManagedSetting(.duration(.zero))].value =
                .duration(interval.duration)
        }
        return record.syncInterval
    }
}

extension PolicyRecord? {
    fileprivate var syncInterval: SyncIntervalSetting {
        var interval = SyncInterval.standard
        if case .duration(let duration) = self?.policy.content.settings[NetworkAgentKey.syncInterval]?.value {
            interval = SyncInterval(checking: duration) ?? interval
        }
        return SyncIntervalSetting(interval: interval, revision: self?.policy.revision ?? 0)
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
}
