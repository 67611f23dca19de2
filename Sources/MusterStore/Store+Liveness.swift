package import MusterModel

extension Store {
    /// Writes down who was seen, and that the server is alive, all in one transaction; every row stands for itself, and a session number
    /// never goes back.
    package func flushLiveness(_ rows: [LivenessRow], now: Timestamp) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.run(
                "INSERT INTO counter (name, value) VALUES ('alive', $1) ON CONFLICT (name) DO UPDATE SET value = $1",
                [.time(now)])
            try RowList.forEachPiece(of: rows, limit: connection.rowsPerStatement) { piece throws(StoreError) in
                try connection.run(Self.livenessStatement(rows: piece.count), piece.flatMap(\.values))
            }
        }
    }

    /// When liveness was last written; nil in a new database.
    package func fetchLastAlive() async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT value FROM counter WHERE name = 'alive'") { row throws(StoreError) in
                try row.time(0)
            }
        }
    }

    private static func livenessStatement(rows: Int) -> String {
        """
        WITH seen (device, session, connection, synchronization, next, address, run) AS (
            \(RowList.values(rows: rows, columns: 7, from: 1)))
        UPDATE device SET
            last_session = CASE WHEN seen.session > last_session THEN seen.session ELSE last_session END,
            last_connection = seen.connection,
            last_synchronization = COALESCE(seen.synchronization, last_synchronization),
            next_synchronization = COALESCE(seen.next, next_synchronization),
            last_address = COALESCE(seen.address, last_address),
            run_id = COALESCE(seen.run, run_id)
        FROM seen WHERE device.id = seen.device AND device.deleted IS NULL
        """
    }
}

extension LivenessRow {
    fileprivate var values: [SQLValue] {
        [
            .id(device), .integer(session), .time(lastConnection), .time(lastSynchronization), .time(nextSynchronization),
            .text(address), .integer(runID.map { Int64(bitPattern: $0) }),
        ]
    }
}
