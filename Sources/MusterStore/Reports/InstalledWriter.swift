import MusterModel

/// Changes which applications are known to be on a device, inside a transaction.
///
/// What an application is (`installed_item`) is shared by all devices; that it is on one is a row of three columns. Only rows that differ
/// are touched, whole lists too, so that `first_seen` stays.
struct InstalledWriter {
    /// Rows in one statement: some 450 parameters.
    private static let piece = 64

    let connection: any DatabaseConnection
    let device: DeviceID
    let now: Timestamp

    func apply(_ change: InstalledChange) throws(StoreError) {
        switch change {
        case .whole(let applications):
            let wanted = lastOfEachKey(applications)
            let present = try fetchPresent()
            let gone = present.filter { wanted[$0.key] != $0.value }
            let new = wanted.filter { present[$0.key] != $0.value }
            try remove(Array(gone.keys))
            try put(Array(new.values))
        case .patch(let put, let remove):
            let wanted = lastOfEachKey(put)
            try self.remove(Array(Set(remove.map(\.bounded)).union(wanted.keys)))
            try self.put(Array(wanted.values))
        }
    }

    private func lastOfEachKey(_ applications: [InstalledApplication]) -> [InstalledKey: InstalledApplication] {
        var all: [InstalledKey: InstalledApplication] = [:]
        for application in applications.lazy.map(\.bounded) { all[application.key] = application }
        return all
    }

    private func fetchPresent() throws(StoreError) -> [InstalledKey: InstalledApplication] {
        var present: [InstalledKey: InstalledApplication] = [:]
        try connection.prepare(
            """
            SELECT i.source, i.name, i.version, i.architecture, i.size
            FROM device_installed d JOIN installed_item i ON i.number = d.item WHERE d.device = $1
            """
        ).run([.id(device)]) { row throws(StoreError) in
            let application = InstalledApplication(
                source: try row.string(0), name: try row.string(1), version: try row.string(2), architecture: try row.string(3),
                size: try row.unsigned(4))
            present[application.key] = application
        }
        return present
    }

    private func remove(_ keys: [InstalledKey]) throws(StoreError) {
        try RowList.forEachPiece(of: keys, limit: Self.piece) { piece throws(StoreError) in
            let list = RowList.values(rows: piece.count, columns: 3, from: 2)
            var values: [SQLValue] = [.id(device)]
            for key in piece { values += [.text(key.source), .text(key.name), .text(key.architecture)] }
            try connection.run(
                """
                WITH gone (source, name, architecture) AS (\(list))
                DELETE FROM device_installed WHERE device = $1 AND item IN (
                    SELECT i.number FROM gone g CROSS JOIN installed_item i
                    WHERE i.source = g.source AND i.name = g.name AND i.architecture = g.architecture)
                """, values)
        }
    }

    private func put(_ applications: [InstalledApplication]) throws(StoreError) {
        try RowList.forEachPiece(of: applications, limit: Self.piece) { piece throws(StoreError) in
            var items: [SQLValue] = []
            var links: [SQLValue] = [.id(device), .time(now)]
            for application in piece {
                let key: [SQLValue] = [
                    .text(application.source), .text(application.name), .text(application.architecture),
                    .text(application.version),
                    .integer(Int64(clamping: application.size)),
                ]
                links += key
                items += key
                items.append(.bytes(VersionKey.make(source: application.source, version: application.version)))
            }
            try connection.run(
                """
                INSERT INTO installed_item (source, name, architecture, version, size, version_key)
                \(RowList.values(rows: piece.count, columns: 6, from: 1)) ON CONFLICT DO NOTHING
                """, items)
            try connection.run(
                """
                WITH put (source, name, architecture, version, size) AS (\(RowList.values(rows: piece.count, columns: 5, from: 3)))
                INSERT INTO device_installed (device, item, first_seen)
                SELECT $1, i.number, $2 FROM put p CROSS JOIN installed_item i
                WHERE i.source = p.source AND i.name = p.name AND i.architecture = p.architecture
                AND i.version = p.version AND i.size = p.size
                ON CONFLICT DO NOTHING
                """, links)
        }
    }
}
