import MusterModel

/// Stores events and gives them positions, inside a transaction.
///
/// A batch of n events costs n + 2 statements on SQLite: the device's position, the counter, and one insert each, none of which looks for
/// anything but its own key.
struct EventWriter {
    private static let columns = """
        position, device, epoch, sequence, count, stamp, type, severity, text, parameters, occurred, occurred_raw, received
        """
    private static let columnCount = 13

    let connection: any DatabaseConnection

    /// One row of the table, but for its position.
    private struct Entry {
        var device: [UInt8]?
        var epoch: UInt64
        var event: StoredEventInput
        var received: Timestamp

        func append(position: Int64, to values: inout [SQLValue]) {
            values.append(.integer(position))
            values.append(.bytes(device))
            values.append(.unsigned(epoch))
            values.append(.unsigned(event.sequence))
            values.append(.unsigned(event.count))
            values.append(.unsigned(event.stamp))
            values.append(.text(event.type))
            values.append(.integer(Int64(event.severity.rawValue)))
            values.append(.text(event.text))
            values.append(.text(event.parametersText))
            values.append(.time(event.occurred))
            values.append(.time(event.occurredRaw))
            values.append(.time(received))
        }
    }

    /// - Returns: the position it got.
    func storeServerEvent(_ event: ServerEvent, now: Timestamp) throws(StoreError) -> Int64 {
        let input = StoredEventInput(
            sequence: 0, type: event.type, severity: event.severity, text: event.text, parameters: event.parameters,
            occurred: now,
            occurredRaw: now)
        return try insert([Entry(device: event.device?.bytes, epoch: 0, event: input, received: now)])
    }

    /// - Returns: the newest position of the database afterwards.
    func storeEvents(
        _ events: [StoredEventInput], device: DeviceID, epoch: UInt64, received: Timestamp
    ) throws(StoreError) -> Int64 {
        let bytes = device.bytes
        var entries: [Entry] = []
        entries.reserveCapacity(events.count)
        for event in events {
            if try isStored(event, device: bytes) { continue }
            entries.append(Entry(device: bytes, epoch: epoch, event: event, received: received))
        }
        let last = try insert(entries)
        for (index, entry) in entries.enumerated() where !entry.event.formerly.isEmpty {
            try keepFormerPlaces(of: entry, position: last - Int64(entries.count - 1 - index))
        }
        for event in entries.map(\.event) {
            guard let run = event.run else { continue }
            try RunRows(connection: connection).reported(run, of: device, occurred: event.occurred, received: received)
        }
        return last
    }

    /// Whether it was stored before a roll-back of its device, wherever it stood then.
    private func isStored(_ event: StoredEventInput, device: [UInt8]) throws(StoreError) -> Bool {
        guard event.stamp != 0 else { return false }
        for place in event.formerly where place.epoch != 0 {
            let values: [SQLValue] = [
                .bytes(device), .unsigned(place.epoch), .unsigned(place.number), .unsigned(event.stamp),
            ]
            let isHere = try connection.exists(
                """
                SELECT 1 FROM event WHERE device = $1 AND epoch = $2 AND sequence = $3 AND epoch <> 0 AND stamp = $4
                UNION ALL SELECT 1 FROM event_former WHERE device = $1 AND epoch = $2 AND sequence = $3 AND stamp = $4
                """, values)
            if isHere { return true }
        }
        return false
    }

    private func keepFormerPlaces(of entry: Entry, position: Int64) throws(StoreError) {
        for place in entry.event.formerly {
            try connection.run(
                """
                INSERT INTO event_former (device, epoch, sequence, stamp, position) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING
                """,
                [
                    .bytes(entry.device), .unsigned(place.epoch), .unsigned(place.number), .unsigned(entry.event.stamp),
                    .integer(position),
                ])
        }
    }

    private func insert(_ entries: [Entry]) throws(StoreError) -> Int64 {
        let last = try connection.fetchFirst(
            "UPDATE counter SET value = value + $1 WHERE name = 'event' RETURNING value", [.count(entries.count)]
        ) { row throws(StoreError) in try row.int(0) }
        guard let last else { throw .damaged("The counter of events is gone.") }
        var position = last - Int64(entries.count)
        try RowList.forEachPiece(of: entries, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            var values: [SQLValue] = []
            values.reserveCapacity(piece.count * Self.columnCount)
            for entry in piece {
                position += 1
                entry.append(position: position, to: &values)
            }
            try connection.run(Self.insertStatement(rows: piece.count), values)
        }
        return last
    }

    private static let insertOne = makeInsertStatement(rows: 1)

    private static func insertStatement(rows: Int) -> String { rows == 1 ? insertOne : makeInsertStatement(rows: rows) }

    private static func makeInsertStatement(rows: Int) -> String {
        "INSERT INTO event (\(columns)) \(RowList.values(rows: rows, columns: columnCount, from: 1))"
    }
}
