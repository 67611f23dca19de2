package import MusterModel

extension Store {
    /// A page of what is installed on a device, or on all (nil), in order of name, source and version.
    package func fetchInstalled(
        device: DeviceID?, after cursor: InstalledCursor?, limit: Int
    ) async throws(StoreError) -> [InstalledRecord] {
        try await read { connection throws(StoreError) in
            var query = InstalledQuery(limit: limit)
            if let device { query.add("d.device =", .id(device)) }
            if let cursor { query.add(after: cursor) }
            return try query.fetch(on: connection)
        }
    }

    /// A page of the devices that have an application of this name, of any version or of those asked for. Versions are compared by the
    /// rules of the source each application comes from.
    package func findInstalled(
        name: String, comparison: VersionComparison?, after cursor: InstalledCursor?, limit: Int
    ) async throws(StoreError) -> [InstalledRecord] {
        try await read { connection throws(StoreError) in
            let sources = try connection.fetchAll(
                "SELECT DISTINCT source FROM installed_item WHERE name = $1 AND source >= $2 ORDER BY source",
                [.text(name), .text(cursor?.source ?? "")]
            ) { row throws(StoreError) in try row.string(0) }
            var found: [InstalledRecord] = []
            for source in sources where found.count < limit {
                var query = InstalledQuery(limit: limit - found.count)
                query.add("i.name =", .text(name))
                query.add("i.source =", .text(source))
                if let comparison {
                    let key = VersionKey.make(source: source, version: comparison.version)
                    query.add("i.version_key \(comparison.operator.rawValue)", .bytes(key))
                }
                if let cursor, cursor.source == source { query.add(after: cursor) }
                found += try query.fetch(on: connection)
            }
            return found
        }
    }
}

/// A page of installed applications.
private struct InstalledQuery {
    private var values: [SQLValue]
    private var conditions = ["TRUE"]

    init(limit: Int) { values = [.count(limit)] }

    /// - Parameter condition: ends where the value stands.
    mutating func add(_ condition: String, _ value: SQLValue) {
        values.append(value)
        conditions.append("\(condition) $\(values.count)")
    }

    /// The first part is what the index of names can use; the second is exact.
    mutating func add(after cursor: InstalledCursor) {
        add("i.name >=", .text(cursor.name))
        let first = values.count + 1
        values += [
            .text(cursor.name), .text(cursor.source), .bytes(cursor.versionKey), .integer(cursor.item), .id(cursor.device),
        ]
        let list = (first..<first + 5).map { "$\($0)" }.joined(separator: ", ")
        conditions.append("(i.name, i.source, i.version_key, i.number, d.device) > (\(list))")
    }

    func fetch(on connection: any DatabaseConnection) throws(StoreError) -> [InstalledRecord] {
        try connection.fetchAll(
            """
            SELECT d.device, v.name, i.source, i.name, i.version, i.architecture, i.size, d.first_seen, i.version_key, i.number
            FROM installed_item i JOIN device_installed d ON d.item = i.number JOIN device v ON v.id = d.device
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY i.name, i.source, i.version_key, i.number, d.device LIMIT $1
            """, values
        ) { row throws(StoreError) in
            let application = InstalledApplication(
                source: try row.string(2), name: try row.string(3), version: try row.string(4), architecture: try row.string(5),
                size: try row.unsigned(6))
            let device: DeviceID = try row.id(0)
            return InstalledRecord(
                device: device, deviceName: try row.string(1), application: application, firstSeen: try row.time(7),
                cursor: InstalledCursor(
                    name: application.name, source: application.source, versionKey: try row.blob(8), item: try row.int(9),
                    device: device))
        }
    }
}
