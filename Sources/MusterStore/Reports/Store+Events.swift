package import MusterModel

extension Store {
    /// Stores events of a device and how far its epoch has come, in one transaction.
    ///
    /// - Parameters:
    ///   - expectedLast: where the stored part of this epoch must end, 0 for a new epoch.
    ///   - newPlace: where it ends afterwards; beyond the last event's number when some were stored before a roll-back.
    /// - Throws: `notFound` when the device is not there (any more).
    package func storeEvents(
        device: DeviceID, epoch: UInt64, expectedLast: UInt64, events: [StoredEventInput], newPlace: StoredPlace,
        received: Timestamp
    ) async throws(StoreError) -> EventWriteResult {
        try await write { connection throws(StoreError) in
            let place = EventPlace(connection: connection, device: device, epoch: epoch)
            if let end = try place.advance(from: expectedLast, to: newPlace, now: received) { return .outOfOrder(end) }
            let position = try EventWriter(connection: connection).storeEvents(
                events, device: device, epoch: epoch, received: received)
            return .stored(lastPosition: position)
        }
    }

    /// Stores an event the server itself raises, about a device or about itself (nil).
    /// - Returns: its position.
    package func storeServerEvent(_ event: ServerEvent, now: Timestamp) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            try EventWriter(connection: connection).storeServerEvent(event, now: now)
        }
    }

    /// The same, after a leap of positions: what comes from here on stands behind everything a newer state of this database can have given
    /// out, so that whoever followed that one misses nothing of this. There is room for 2^31 leaps.
    package func storeServerEventAfterLeap(_ event: ServerEvent, now: Timestamp) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            try connection.run("UPDATE counter SET value = value + 4294967296 WHERE name = 'event'")
            return try EventWriter(connection: connection).storeServerEvent(event, now: now)
        }
    }

    /// The events after a position, in order.
    /// - Parameters:
    ///   - severity: that or more.
    ///   - since: by when they occurred.
    package func fetchEvents(
        device: DeviceID? = nil, severity: Severity? = nil, since: Timestamp? = nil, afterPosition: Int64, limit: Int
    ) async throws(StoreError) -> [EventRecord] {
        let query = EventQuery(device: device, severity: severity, since: since, after: afterPosition, limit: limit)
        return try await read { connection throws(StoreError) in try query.fetch(on: connection, newestFirst: false) }
    }

    /// The last `limit` events, or the last before a position, in order of position.
    package func fetchLastEvents(
        device: DeviceID? = nil, severity: Severity? = nil, since: Timestamp? = nil, beforePosition: Int64? = nil, limit: Int
    ) async throws(StoreError) -> [EventRecord] {
        let query = EventQuery(device: device, severity: severity, since: since, after: 0, before: beforePosition, limit: limit)
        return try await read { connection throws(StoreError) in try query.fetch(on: connection, newestFirst: true).reversed() }
    }

    /// The newest position given out; 0 before the first event.
    package func fetchLastEventPosition() async throws(StoreError) -> Int64 {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT value FROM counter WHERE name = 'event'") { row throws(StoreError) in try row.int(0)
            } ?? 0
        }
    }
}

/// How far an epoch of a device has come.
private struct EventPlace {
    let connection: any DatabaseConnection
    let device: DeviceID
    let epoch: UInt64

    /// - Returns: nil when done; where the epoch ends instead of `expected` when it does not end there.
    func advance(from expected: UInt64, to place: StoredPlace, now: Timestamp) throws(StoreError) -> StoredPlace? {
        let advanced = try connection.run(
            "UPDATE event_position SET last = $4, stamp = $5, touched = $6 WHERE device = $1 AND epoch = $2 AND last = $3",
            [.id(device), .unsigned(epoch), .unsigned(expected), .unsigned(place.last), .unsigned(place.stamp), .time(now)])
        if advanced == 1 { return nil }
        let found = try connection.fetchFirst(
            "SELECT last, stamp FROM event_position WHERE device = $1 AND epoch = $2", [.id(device), .unsigned(epoch)]
        ) { row throws(StoreError) in StoredPlace(last: try row.unsigned(0), stamp: try row.unsigned(1)) }
        if let found { return found }
        guard expected == 0 else { return StoredPlace(last: 0, stamp: 0) }
        try begin(place, now: now)
        return nil
    }

    private func begin(_ place: StoredPlace, now: Timestamp) throws(StoreError) {
        let begun = try connection.run(
            """
            INSERT INTO event_position (device, epoch, last, stamp, touched)
            SELECT id, $2, $3, $4, $5 FROM device WHERE id = $1 AND deleted IS NULL
            """, [.id(device), .unsigned(epoch), .unsigned(place.last), .unsigned(place.stamp), .time(now)])
        guard begun == 1 else { throw .notFound("device") }
        try connection.run(
            """
            DELETE FROM event_position WHERE device = $1 AND epoch <> $2 AND epoch NOT IN (
                SELECT epoch FROM event_position WHERE device = $1 AND epoch <> $2 ORDER BY touched DESC, epoch LIMIT $3)
            """, [.id(device), .unsigned(epoch), .count(EventPositionRecord.kept - 1)])
    }
}

/// Which events a list wants.
private struct EventQuery {
    var device: DeviceID?
    var severity: Severity?
    var since: Timestamp?
    var after: Int64
    var before: Int64?
    var limit: Int

    func fetch(on connection: any DatabaseConnection, newestFirst: Bool) throws(StoreError) -> [EventRecord] {
        var values: [SQLValue] = [.integer(after), .count(limit)]
        var conditions = ["position > $1"]
        func add(_ condition: String, _ value: SQLValue) {
            values.append(value)
            conditions.append("\(condition) $\(values.count)")
        }
        if let before { add("position <", .integer(before)) }
        if let device { add("device =", .id(device)) }
        if let severity, severity > .info {
            // Said in so many words, so that the index of notable events can be used.
            conditions.append("severity >= 2")
            add("severity >=", .integer(Int64(severity.rawValue)))
        }
        if let since { add("occurred >=", .time(since)) }
        return try connection.fetchAll(
            """
            SELECT position, device, epoch, sequence, count, type, severity, text, parameters, occurred, occurred_raw, received
            FROM event WHERE \(conditions.joined(separator: " AND ")) ORDER BY position \(newestFirst ? "DESC" : "ASC") LIMIT $2
            """, values, Self.record)
    }

    private static func record(_ row: any DatabaseRow) throws(StoreError) -> EventRecord {
        guard let severity = Severity(rawValue: UInt8(truncatingIfNeeded: try row.int(6)))
        else { throw .damaged("An event has no such severity.") }
        return EventRecord(
            position: try row.int(0), device: row.optionalID(1), epoch: try row.unsigned(2), sequence: try row.unsigned(3),
            count: try row.unsigned(4), type: try row.string(5), severity: severity, text: try row.string(7),
            parametersText: try row.string(8), occurred: try row.time(9), occurredRaw: try row.time(10),
            received: try row.time(11))
    }
}
