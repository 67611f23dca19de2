import MusterModel

/// Puts devices together from their tables, for any selection of ids, in as many statements as there are tables, which see one state.
struct DeviceReader {
    let connection: any DatabaseConnection
    /// A SELECT of ids.
    let selection: String
    let values: [SQLValue]

    /// In order of name and id.
    func fetch() throws(StoreError) -> [DeviceRecord] {
        try connection.withSnapshot { () throws(StoreError) in
            var devices = try fetchRows()
            var places: [DeviceID: Int] = [:]
            for (place, device) in devices.enumerated() { places[device.id] = place }
            try forEach(
                "fingerprint, public_key, generation, not_before, not_after, used, revoked", of: "certificate", by: "generation"
            ) {
                row, device throws(StoreError) in
                guard let place = places[device] else { return }
                devices[place].certificates.append(try row.certificate(at: 1))
            }
            try forEach("name, digest", of: "document", by: "name") { row, device throws(StoreError) in
                guard let place = places[device], let name = DocumentName(rawValue: UInt32(truncatingIfNeeded: try row.int(1)))
                else { return }
                devices[place].reported[name] = try row.digest(2)
            }
            try forEach("epoch, last, stamp", of: "event_position", by: "touched DESC, x.epoch") {
                row, device throws(StoreError) in
                guard let place = places[device] else { return }
                let stored = StoredPlace(last: try row.unsigned(2), stamp: try row.unsigned(3))
                devices[place].positions.append(EventPositionRecord(epoch: try row.unsigned(1), place: stored))
            }
            try forEach("application, key, value", of: "device_value", by: "application") { row, device throws(StoreError) in
                guard let place = places[device] else { return }
                try devices[place].values.take(row, from: 1)
            }
            try forEach("tag", of: "device_tag", by: "tag") { row, device throws(StoreError) in
                guard let place = places[device] else { return }
                devices[place].tags.append(try row.string(1))
            }
            return devices
        }
    }

    private func fetchRows() throws(StoreError) -> [DeviceRecord] {
        let columns = [
            "id", "name", "revision", "created", "deleted", "last_session", "last_connection", "last_synchronization",
            "next_synchronization", "last_address", "run_id", "host_name", "operating_system", "agent_version", "permanent_since",
            "last_closed", "absence", "absence_reason", "absence_since", "udp_port", "addresses", "request_got_through",
            "runs", "proven_session", "copied_since", "split_until", "placement", "group_id", "approval",
            "status", "status_since", "status_before", "disk_free", "clock_offset",
        ].joined(separator: ", ")
        return try connection.fetchAll(
            "SELECT \(columns) FROM device WHERE id IN (\(selection)) ORDER BY name, id", values
        ) { row throws(StoreError) in
            let system = SystemSummary(
                hostName: row.text(at: 11), operatingSystem: row.text(at: 12), agentVersion: row.text(at: 13),
                addresses: row.text(at: 20), udpPort: row.integer(at: 19).flatMap(UInt16.init(exactly:)))
            var device = DeviceRecord(
                id: try row.id(0), name: try row.string(1), revision: try row.int(2), created: try row.time(3),
                lastSession: try row.int(5))
            device.deleted = row.optionalTime(4)
            device.lastConnection = row.optionalTime(6)
            device.lastSynchronization = row.optionalTime(7)
            device.nextSynchronization = row.optionalTime(8)
            device.lastAddress = row.text(at: 9)
            device.runID = row.integer(at: 10).map { UInt64(bitPattern: $0) }
            device.copies = DeviceCopies(
                runs: DeviceCopies.runs(in: row.bytes(at: 22) ?? []), provenSession: UInt64(clamping: row.integer(at: 23) ?? 0),
                since: row.optionalTime(24), splitUntil: row.optionalTime(25))
            device.permanentSince = row.optionalTime(14)
            device.lastClosed = row.optionalTime(15)
            device.absence = DevicePresence.Absence(
                code: row.text(at: 16), reason: row.text(at: 17), since: row.optionalTime(18))
            device.requestGotThrough = row.optionalTime(21)
            device.awaitsApproval = try row.flag(28)
            device.placement = device.awaitsApproval ? .fixed(nil) : try row.placement(at: 26)
            if let level = row.text(at: 29).flatMap(DeviceStatusLevel.init(code:)), let since = row.optionalTime(30) {
                device.status = StatusCourse(level, since: since, before: row.text(at: 31).flatMap(DeviceStatusLevel.init(code:)))
            }
            device.measures = StatusMeasures(
                diskFreePercent: row.integer(at: 32), clockOffset: row.integer(at: 33).map { .milliseconds($0) })
            device.system = system == SystemSummary() ? nil : system
            return device
        }
    }

    private func forEach(
        _ columns: String, of table: String, by order: String,
        _ body: (any DatabaseRow, DeviceID) throws(StoreError) -> Void
    ) throws(StoreError) {
        let list = columns.split(separator: ", ").map { "x.\($0)" }.joined(separator: ", ")
        try connection.prepare(
            "SELECT x.device, \(list) FROM \(table) x JOIN (\(selection)) chosen ON chosen.id = x.device ORDER BY x.\(order)"
        ).run(values) { row throws(StoreError) in try body(row, try row.id(0)) }
    }
}

extension DatabaseRow {
    /// The columns fingerprint, public_key, generation, not_before, not_after, used, revoked from `first` on.
    func certificate(at first: Int) throws(StoreError) -> CertificateRecord {
        CertificateRecord(
            fingerprint: try fingerprint(first), publicKeyFingerprint: try fingerprint(first + 1), generation: try int(first + 2),
            notBefore: try time(first + 3), notAfter: try time(first + 4), used: try flag(first + 5), revoked: try flag(first + 6)
        )
    }
}
