package import MusterModel

extension Store {
    /// Writes down who was seen, the history of connections, and that the server is alive, all in one transaction; every row stands for
    /// itself, and a session number never goes back.
    /// - Parameter connections: by number, each at most once; those already stored are brought up to date.
    package func flushLiveness(
        _ rows: [LivenessRow], connections: [ConnectionRecord] = [], now: Timestamp
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.run(
                "INSERT INTO counter (name, value) VALUES ('alive', $1) ON CONFLICT (name) DO UPDATE SET value = $1",
                [.time(now)])
            try RowList.forEachPiece(of: rows, limit: connection.rowsPerStatement) { piece throws(StoreError) in
                try connection.run(Self.livenessStatement(rows: piece.count), piece.flatMap(\.values))
            }
            try ConnectionWriter(connection: connection).store(connections)
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
        WITH seen (device, session, connection, synchronization, next, address, run, closed, absence, reason, since, got_through, history,
            proven, status, status_since, status_before, disk_free, clock_offset)
            AS (\(RowList.values(rows: rows, columns: 19, from: 1)))
        UPDATE device SET
            last_session = CASE WHEN seen.session > last_session THEN seen.session ELSE last_session END,
            last_connection = COALESCE(seen.connection, last_connection),
            last_synchronization = COALESCE(seen.synchronization, last_synchronization),
            next_synchronization = COALESCE(seen.next, next_synchronization),
            last_address = COALESCE(seen.address, last_address),
            run_id = COALESCE(seen.run, run_id),
            runs = COALESCE(seen.history, runs),
            proven_session = COALESCE(seen.proven, proven_session),
            last_closed = COALESCE(seen.closed, last_closed),
            absence = seen.absence,
            absence_reason = seen.reason,
            absence_since = seen.since,
            request_got_through = COALESCE(seen.got_through, request_got_through),
            status = COALESCE(seen.status, device.status),
            status_since = COALESCE(seen.status_since, device.status_since),
            status_before = COALESCE(seen.status_before, device.status_before),
            disk_free = COALESCE(seen.disk_free, device.disk_free),
            clock_offset = COALESCE(seen.clock_offset, device.clock_offset)
        FROM seen WHERE device.id = seen.device AND device.deleted IS NULL
        """
    }
}

extension LivenessRow {
    fileprivate var values: [SQLValue] {
        [
            .id(device), .integer(session), .time(lastConnection), .time(lastSynchronization), .time(nextSynchronization),
            .text(address), .integer(runID.map { Int64(bitPattern: $0) }), .time(lastClosed), .text(absence?.code),
            .text(absence?.reason?.code), .time(absence?.since), .time(requestGotThrough),
            .bytes(runs.map { DeviceCopies.bytes(of: $0) }), .integer(provenSession.map { Int64(clamping: $0) }),
            .text(status?.level.code), .time(status?.since), .text(status?.before?.code), .integer(measures.diskFreePercent),
            .integer(measures.clockOffset?.milliseconds),
        ]
    }
}
