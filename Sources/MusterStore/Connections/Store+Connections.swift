package import MusterModel

extension Store {
    /// A page of a device's history of connections, the newest first. A device that was deleted keeps its own until it is too old.
    /// - Parameter before: the number the page before ended with.
    package func fetchConnections(
        of device: DeviceID, before: Int64?, limit: Int
    ) async throws(StoreError) -> [ConnectionRecord] {
        try await read { connection throws(StoreError) in
            try connection.fetchAll(
                """
                SELECT \(ConnectionWriter.columns) FROM device_connection WHERE device = $1 AND number < $2
                ORDER BY number DESC LIMIT $3
                """, [.id(device), .integer(before ?? .max), .count(limit)], ConnectionRecord.init)
        }
    }

    /// The newest refusal of each of these devices.
    package func fetchLastRefusals(of devices: [DeviceID]) async throws(StoreError) -> [DeviceID: ConnectionRecord] {
        try await read { connection throws(StoreError) in
            try connection.fetch(
                for: devices,
                {
                    """
                    SELECT device, \(ConnectionWriter.columns) FROM device_connection WHERE number IN (
                        SELECT MAX(number) FROM device_connection WHERE refused = 1 AND device IN \($0) GROUP BY device)
                    """
                }
            ) { row throws(StoreError) in try ConnectionRecord(row, from: 1) }
        }
    }

    /// The highest number there is; 0 in an empty history.
    package func fetchLastConnectionNumber() async throws(StoreError) -> Int64 {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT number FROM device_connection ORDER BY number DESC LIMIT 1") {
                row throws(StoreError) in try row.int(0)
            } ?? 0
        }
    }

    /// At the start of a server: the connections its predecessor left open, because it ended without a word, ended when it was last alive.
    /// - Returns: how many there were.
    @discardableResult
    package func closeLostConnections(lastAlive: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                UPDATE device_connection SET reason = $1, closed = CASE WHEN opened > $2 THEN opened ELSE $2 END
                WHERE closed IS NULL
                """, [.text(CloseReason.serverCrashed.code), .time(lastAlive)])
        }
    }

    /// Deletes a few of the entries that ended before a time. To be called again until it returns 0.
    package func deleteOldConnections(closedBefore: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                DELETE FROM device_connection WHERE number IN (
                    SELECT number FROM device_connection WHERE closed < $1 ORDER BY closed LIMIT $2)
                """, [.time(closedBefore), .count(Self.retentionStep)])
        }
    }

    /// Deletes the oldest entries of these devices past so many each.
    package func deleteSurplusConnections(of devices: [DeviceID], keeping: Int) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            var deleted = 0
            for device in devices {
                deleted += try connection.run(
                    """
                    DELETE FROM device_connection WHERE device = $1 AND number <= (
                        SELECT number FROM device_connection WHERE device = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)
                    """, [.id(device), .count(keeping)])
            }
            return deleted
        }
    }
}

extension ConnectionRecord {
    fileprivate init(_ row: any DatabaseRow) throws(StoreError) { try self.init(row, from: 0) }

    /// The columns of `ConnectionWriter` from `first` on.
    fileprivate init(_ row: any DatabaseRow, from first: Int) throws(StoreError) {
        self.init(
            number: try row.int(first), device: try row.id(first + 1), isRefusal: try row.flag(first + 2),
            count: try row.int(first + 3), opened: try row.time(first + 4), closed: row.optionalTime(first + 5),
            address: try row.string(first + 6), hello: try row.string(first + 7),
            reason: row.text(at: first + 8).flatMap { CloseReason(code: $0) }, text: try row.string(first + 9),
            documents: try row.int(first + 10), events: try row.int(first + 11))
    }
}
