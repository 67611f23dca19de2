package import MusterModel

extension Store {
    package func fetchPermanentConnectionCount() async throws(StoreError) -> PermanentConnectionCount {
        try await read { connection throws(StoreError) in try PermanentConnections(connection: connection, now: .now()).count() }
    }

    /// Ticks or unticks *Do not disconnect*.
    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `notFound`, `conflict` when the revision is another.
    package func setPermanentConnection(
        _ id: DeviceID, to isOn: Bool, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PermanentConnectionOutcome {
        try await write { connection throws(StoreError) in
            let found = try connection.fetchFirst(
                "SELECT name, revision, permanent_since FROM device WHERE id = $1 AND deleted IS NULL", [.id(id)]
            ) { row throws(StoreError) in (name: try row.string(0), revision: try row.int(1), since: row.optionalTime(2)) }
            guard let found else { throw .notFound("device") }
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            let permanent = PermanentConnections(connection: connection, now: now)
            guard isOn != (found.since != nil) else { return .unchanged(try permanent.count()) }
            if isOn, try !connection.exists("SELECT 1 FROM certificate WHERE device = $1 AND revoked = 0", [.id(id)]) {
                throw StoreError(.conflict, "\(found.name) is revoked: it is not served any more.")
            }
            var outcome = PermanentConnectionOutcome.unchanged(PermanentConnectionCount(ticked: 0, limit: 0))
            if isOn {
                outcome = try permanent.tick(id, named: found.name)
            } else {
                try permanent.untick(id)
                outcome = .changed(try permanent.count(), position: nil)
            }
            guard case .changed = outcome else { return outcome }
            try connection.run("UPDATE device SET revision = revision + 1 WHERE id = $1", [.id(id)])
            try connection.audit(
                principal, isOn ? "tick-permanent-connection" : "untick-permanent-connection", "device", "\(id)",
                ["name": .text(found.name)], now)
            return outcome
        }
    }

    /// Lowering it below what is in use disconnects none: no further device is ticked until enough are unticked.
    /// - Throws: `conflict` when the revision is another.
    /// - Returns: the new revision.
    package func setPermanentConnectionLimit(
        _ limit: Int64, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            let found = try PermanentConnections(connection: connection, now: now).limit()
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            let revision = try connection.setSetting(PermanentConnections.setting, String(limit))
            try connection.audit(
                principal, "set-permanent-connections-limit", "setting", PermanentConnections.setting,
                ["from": .integer(found.value), "to": .integer(limit)], now)
            return revision
        }
    }

    package func fetchPermanentConnectionLimit() async throws(StoreError) -> (value: Int64, revision: Int64) {
        try await read { connection throws(StoreError) in try PermanentConnections(connection: connection, now: .now()).limit() }
    }
}
