package import MusterModel

extension Store {
    /// That are stopped with their order or task.
    static let maximumUnbegun = 10_000

    /// A page of them, the newest first.
    package func fetchRuns(
        _ question: RunQuestion, before cursor: CreationCursor<RunEntity>? = nil, limit: Int
    ) async throws(StoreError) -> [RunRecord] {
        try await read { connection throws(StoreError) in
            try RunReader(connection: connection).runs(question, before: cursor, limit: limit)
        }
    }

    package func fetchRun(_ id: RunID) async throws(StoreError) -> RunRecord? {
        try await read { connection throws(StoreError) in try RunReader(connection: connection).run(id) }
    }

    /// Runs of an order that its devices have written down and not begun, as far as is known; those that another order wants too are left out.
    package func fetchUnbegunRuns(of order: ActionOrderID) async throws(StoreError) -> [RunRecord] {
        try await read { connection throws(StoreError) in try RunReader(connection: connection).unbegun(of: order) }
    }

    /// The same of a task, whoever ordered them.
    package func fetchUnbegunRuns(of task: TaskID) async throws(StoreError) -> [RunRecord] {
        try await read { connection throws(StoreError) in
            try RunReader(connection: connection).runs(
                RunQuestion(task: task, states: [.accepted]), before: nil, limit: Self.maximumUnbegun)
        }
    }

    /// The last run of each task on a device, and the last of them that has ended after it had begun.
    package func fetchLastRuns(of device: DeviceID) async throws(StoreError) -> [TaskID: LastRuns] {
        try await read { connection throws(StoreError) in try RunReader(connection: connection).lastRuns(of: device) }
    }

    /// The last runs of tasks on devices, as far as they came to no good end.
    package func fetchLastFailures() async throws(StoreError) -> [RunOutcome] {
        try await read { connection throws(StoreError) in try RunReader(connection: connection).lastFailures() }
    }

    /// The same of one device: which tasks.
    package func fetchLastFailures(of device: DeviceID) async throws(StoreError) -> Set<TaskID> {
        try await read { connection throws(StoreError) in try RunReader(connection: connection).lastFailures(of: device) }
    }

    /// Cancels a run that its device has not begun, as far as is known.
    package func cancelRun(
        _ id: RunID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> RunCancellation {
        try await write { connection throws(StoreError) in
            let wasSaid = try connection.fetchFirst(
                "UPDATE action SET progress = 7, ended = $2 WHERE id = $1 AND progress <= 2 RETURNING sent",
                [.id(id), .time(now)]
            ) { row throws(StoreError) in row.integer(at: 0) != nil }
            try connection.audit(principal, "stop-run", "run", "\(id)", [:], now)
            guard let wasSaid else { return .notWaiting }
            try RunRows(connection: connection).endWaiting([ActionID(id)], as: .cancelled, now: now)
            return wasSaid ? .cancelledAfterSaid : .cancelled
        }
    }

    /// What is kept of what the programs of a run said. It is stored once; what comes again, as from a device that was put back to an earlier
    /// state, is stored in place of it.
    /// - Returns: false when that device has no such run that has ended.
    package func storeRunOutput(_ output: RunOutput, of run: RunID, device: DeviceID) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let isWanted = try connection.exists(
                "SELECT 1 FROM task_run WHERE id = $1 AND device = $2 AND state BETWEEN 4 AND 8", [.id(run), .id(device)])
            guard isWanted else { return false }
            try connection.run(
                """
                INSERT INTO run_output (run, bytes, total, cut) VALUES ($1, $2, $3, $4)
                ON CONFLICT (run) DO UPDATE SET bytes = excluded.bytes, total = excluded.total, cut = excluded.cut
                """,
                [
                    .id(run), .bytes(Array(output.bytes.prefix(RunOutput.maximumBytes))), .integer(max(0, output.total)),
                    .integer(output.cut.map(Int64.init)),
                ])
            return true
        }
    }

    package func fetchRunOutput(_ run: RunID) async throws(StoreError) -> RunOutput? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT bytes, total, cut FROM run_output WHERE run = $1", [.id(run)]) {
                row throws(StoreError) in
                RunOutput(bytes: try row.blob(0), total: try row.int(1), cut: row.integer(at: 2).map { Int(clamping: $0) })
            }
        }
    }

    /// Deletes a few of the runs that are past their age. To be called again until it returns 0.
    package func deleteOldRuns(before time: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                DELETE FROM task_run WHERE id IN (
                    SELECT id FROM task_run WHERE created < $1 AND state > 3 ORDER BY created, id LIMIT $2)
                """, [.time(time), .count(Self.retentionStep)])
        }
    }

    /// Deletes a few of the revisions that nothing is left of: no run, and the task has gone on or is deleted. To be called again until it
    /// returns 0.
    package func deleteOldTaskRevisions(before time: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                DELETE FROM task_revision WHERE (task, revision) IN (
                    SELECT v.task, v.revision FROM task_revision v JOIN task t ON t.id = v.task
                    WHERE v.at < $1 AND (v.revision < t.revision OR t.deleted IS NOT NULL)
                        AND NOT EXISTS (SELECT 1 FROM task_run r WHERE r.task = v.task AND r.revision = v.revision)
                    ORDER BY v.at LIMIT $2)
                """, [.time(time), .count(Self.retentionStep)])
        }
    }
}
