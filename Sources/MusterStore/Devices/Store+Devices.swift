package import MusterModel

extension Store {
    /// Every device with its certificates, digests and positions, tombstones included: what the server keeps in memory.
    package func fetchAllDevices() async throws(StoreError) -> [DeviceRecord] {
        try await read { connection throws(StoreError) in
            try DeviceReader(connection: connection, selection: "SELECT id FROM device", values: []).fetch()
        }
    }

    /// A page of the devices that are not deleted, by name.
    package func fetchDevices(after cursor: DeviceCursor?, limit: Int) async throws(StoreError) -> [DeviceRecord] {
        let order = "ORDER BY name, id LIMIT $1"
        return try await read { connection throws(StoreError) in
            guard let cursor else {
                return try DeviceReader(
                    connection: connection, selection: "SELECT id FROM device WHERE deleted IS NULL \(order)",
                    values: [.count(limit)]
                ).fetch()
            }
            return try DeviceReader(
                connection: connection,
                selection: "SELECT id FROM device WHERE deleted IS NULL AND (name, id) > ($2, $3) \(order)",
                values: [.count(limit), .text(cursor.name), .id(cursor.id)]
            ).fetch()
        }
    }

    /// The same of these devices alone. Their names are read, all of them: 100,000 take some tenths of a second of a reader.
    package func fetchDevices(
        among devices: [DeviceID], after cursor: DeviceCursor?, limit: Int
    ) async throws(StoreError) -> [DeviceRecord] {
        let names = try await fetchDeviceNames(of: devices)
        var places = names.map { DeviceCursor(name: $0.value, id: $0.key) }
        if let cursor { places.removeAll { !cursor.isBefore($0) } }
        let chosen = places.sorted { $0.isBefore($1) }.prefix(limit)
        guard !chosen.isEmpty else { return [] }
        let list = chosen.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try await read { connection throws(StoreError) in
            try DeviceReader(
                connection: connection, selection: "SELECT id FROM device WHERE deleted IS NULL AND id IN (\(list))",
                values: chosen.map { .id($0.id) }
            ).fetch()
        }
    }

    /// Nil when there is none, or it was deleted.
    package func fetchDevice(_ id: DeviceID) async throws(StoreError) -> DeviceRecord? {
        try await read { connection throws(StoreError) in
            try DeviceReader(
                connection: connection, selection: "SELECT id FROM device WHERE id = $1 AND deleted IS NULL", values: [.id(id)]
            ).fetch().first
        }
    }

    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `notFound`, `conflict` when the revision is another.
    /// - Returns: the new revision.
    @discardableResult
    package func renameDevice(
        _ id: DeviceID, name: String, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            let found = try connection.fetchFirst(
                "SELECT name, revision FROM device WHERE id = $1 AND deleted IS NULL", [.id(id)]
            ) { row throws(StoreError) in (name: try row.string(0), revision: try row.int(1)) }
            guard let found else { throw .notFound("device") }
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            let name = BoundedText.cut(name, to: BoundedText.deviceName)
            try connection.run(
                "UPDATE device SET name = $2, revision = revision + 1 WHERE id = $1", [.id(id), .text(name)])
            try connection.audit(
                principal, "rename-device", "device", "\(id)", ["from": .text(found.name), "to": .text(name)], now)
            return found.revision + 1
        }
    }

    /// Its certificates are worth nothing from now on; what is known of it stays. Its place for a permanent connection is free, and what it was
    /// to do is over. Once more changes nothing.
    package func revokeDevice(_ id: DeviceID, principal: AuditPrincipal, now: Timestamp) async throws(StoreError) -> ToldChange {
        try await write { connection throws(StoreError) in
            let name = try connection.fetchFirst("SELECT name FROM device WHERE id = $1 AND deleted IS NULL", [.id(id)]) {
                row throws(StoreError) in try row.string(0)
            }
            guard let name else { return .noDevice }
            let revoked = try connection.fetchAll(
                "UPDATE certificate SET revoked = 1 WHERE device = $1 AND revoked = 0 RETURNING generation", [.id(id)]
            ) { row throws(StoreError) in try row.int(0) }
            guard !revoked.isEmpty else { return .unchanged }
            try connection.run(
                "UPDATE device SET permanent_since = NULL, revision = revision + 1 WHERE id = $1", [.id(id)])
            try connection.endActions(of: id, code: "deviceRevoked", now)
            try connection.audit(principal, "revoke-device", "device", "\(id)", ["name": .text(name)], now)
            return try connection.tell(
                ServerEvent(
                    device: id, type: EventType.deviceRevoked, severity: .warning,
                    text: "The device \(name) was revoked: it is refused from now on, and stays in the list.",
                    parameters: ["name": .text(name)]), now)
        }
    }

    /// Leaves a tombstone: certificates are revoked, what it reported is gone, its events stay. Its key may enrol again, as a new device.
    package func deleteDevice(_ id: DeviceID, principal: AuditPrincipal, now: Timestamp) async throws(StoreError) -> ToldChange {
        try await write { connection throws(StoreError) in
            try connection.deleteDevice(id, principal: principal, now: now)
        }
    }
}

extension DatabaseConnection {
    /// In the transaction of what it tells.
    func tell(_ event: ServerEvent, _ now: Timestamp) throws(StoreError) -> ToldChange {
        .changed(position: try EventWriter(connection: self).storeServerEvent(event, now: now))
    }

    func deleteDevice(_ id: DeviceID, principal: AuditPrincipal, now: Timestamp) throws(StoreError) -> ToldChange {
        let name = try fetchFirst(
            """
            UPDATE device SET deleted = $2, revision = revision + 1, placement = 0, group_id = NULL, approval = 0
            WHERE id = $1 AND deleted IS NULL RETURNING name
            """, [.id(id), .time(now)]
        ) { row throws(StoreError) in try row.string(0) }
        guard let name else { return .noDevice }
        try run("UPDATE certificate SET revoked = 1 WHERE device = $1", [.id(id)])
        let tables = [
            "document", "device_installed", "device_application", "device_value", "device_tag", "event_position", "enrolment",
        ]
        for table in tables {
            try run("DELETE FROM \(table) WHERE device = $1", [.id(id)])
        }
        try endActions(of: id, code: "deviceDeleted", now)
        try audit(principal, "delete-device", "device", "\(id)", ["name": .text(name)], now)
        return try tell(
            ServerEvent(
                device: id, type: EventType.deviceDeleted, severity: .warning,
                text: "The device \(name) was deleted: it is refused from now on; enrolled again it becomes a new device.",
                parameters: ["name": .text(name)]), now)
    }

    /// Nobody is there any more who would do them.
    fileprivate func endActions(of device: DeviceID, code: String, _ now: Timestamp) throws(StoreError) {
        try run(
            "UPDATE action SET progress = 5, ended = $2, code = $3 WHERE device = $1 AND progress <= 3",
            [.id(device), .time(now), .text(code)])
        try RunRows(connection: self).endAll(of: device, code: code, now: now)
    }
}
