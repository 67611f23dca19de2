import MusterModel

/// Reads runs.
struct RunReader {
    let connection: any DatabaseConnection

    private static let columns = """
        r.id, r.task, t.name, t.application, t.type, r.revision, r.device, d.name, r.state, r.created, r.started, r.ended,
        r.exit_code, r.code, r.text, r.duration, r.output_bytes, o.total, r.figures, r.action_order, r.principal_kind, r.principal,
        a.progress, a.route, a.connected_after, a.sent, a.expires
        """
    private static let tables = """
        task_run r JOIN task t ON t.id = r.task JOIN device d ON d.id = r.device LEFT JOIN run_output o ON o.run = r.id
        LEFT JOIN action a ON a.id = r.id
        """

    func run(_ id: RunID) throws(StoreError) -> RunRecord? { try fetch("WHERE r.id = $1", [.id(id)]).first }

    /// The newest first.
    func runs(
        _ question: RunQuestion, before cursor: CreationCursor<RunEntity>?, limit: Int
    ) throws(StoreError) -> [RunRecord] {
        var values: [SQLValue] = [.count(limit)]
        var conditions: [String] = []
        func add(_ condition: (String) -> String, _ value: SQLValue) {
            values.append(value)
            conditions.append(condition("$\(values.count)"))
        }
        if let task = question.task { add({ "r.task = \($0)" }, .id(task)) }
        if let device = question.device { add({ "r.device = \($0)" }, .id(device)) }
        if let order = question.order {
            add({ "r.id IN (SELECT m.action FROM action_member m WHERE m.action_order = \($0))" }, .id(order))
        }
        if let states = question.states {
            let list = states.map { String($0.rawValue) }.sorted().joined(separator: ", ")
            conditions.append(states.isEmpty ? "1 = 0" : "r.state IN (\(list))")
        }
        if let cursor {
            values += [.time(cursor.created), .id(cursor.id)]
            conditions.append("(r.created, r.id) < ($\(values.count - 1), $\(values.count))")
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try fetch("\(condition) ORDER BY r.created DESC, r.id DESC LIMIT $1", values)
    }

    func unbegun(of order: ActionOrderID) throws(StoreError) -> [RunRecord] {
        try fetch(
            """
            WHERE r.state = 2 AND r.id IN (SELECT m.action FROM action_member m WHERE m.action_order = $1) AND NOT EXISTS (
                SELECT 1 FROM action_member m JOIN action_order o ON o.id = m.action_order
                WHERE m.action = r.id AND o.id <> $1 AND o.cancelled IS NULL)
            LIMIT $2
            """, [.id(order), .count(Store.maximumUnbegun)])
    }

    func lastRuns(of device: DeviceID) throws(StoreError) -> [TaskID: LastRuns] {
        func last(_ states: String) throws(StoreError) -> [RunRecord] {
            try fetch(
                """
                WHERE r.device = $1 \(states.isEmpty ? "" : "AND r.state \(states)") AND NOT EXISTS (
                    SELECT 1 FROM task_run n WHERE n.device = r.device AND n.task = r.task
                        \(states.isEmpty ? "" : "AND n.state \(states)") AND (n.created, n.id) > (r.created, r.id))
                """, [.id(device)])
        }
        var runs: [TaskID: LastRuns] = [:]
        for run in try last("") { runs[run.task] = LastRuns(last: run) }
        for run in try last("BETWEEN 4 AND 8") { runs[run.task]?.lastEnded = run }
        return runs
    }

    private func fetch(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [RunRecord] {
        try connection.fetchAll("SELECT \(Self.columns) FROM \(Self.tables) \(rest)", values, Self.record)
    }

    private static func record(_ row: any DatabaseRow) throws(StoreError) -> RunRecord {
        guard let state = RunState(rawValue: try row.int(8)) else { throw .damaged("A run is in the state \(try row.int(8)).") }
        var run = RunRecord(
            id: try row.id(0), task: try row.id(1), taskName: try row.string(2), application: try row.string(3),
            type: try row.string(4), revision: try row.int(5), device: try row.id(6), deviceName: try row.string(7), state: state,
            created: try row.time(9), started: row.optionalTime(10), ended: row.optionalTime(11), exitCode: row.integer(at: 12),
            code: try row.string(13), text: try row.string(14), duration: row.integer(at: 15).map { .milliseconds($0) },
            outputBytes: try row.int(16), hasOutput: row.integer(at: 17) != nil,
            figures: try StoredJSON.value(try row.string(18), of: "What a run counted"), order: row.optionalID(19))
        if let kind = row.text(at: 20), let id = row.text(at: 21) { run.principal = AuditPrincipal(kind: kind, id: id) }
        if let number = row.integer(at: 22), let progress = ActionProgress(rawValue: number) {
            let route = row.text(at: 23).flatMap(ActionRoute.init(rawValue:))
            let after = row.integer(at: 24).map { Duration.milliseconds($0) }
            run.action = RunAction(
                progress: progress, reach: route.map { ActionReach($0, connectedAfter: after) }, sent: row.optionalTime(25),
                expires: try row.time(26))
        }
        return run
    }

    /// Runs that began and came to no good end, and after which the same task ran no more on their device.
    func lastFailures() throws(StoreError) -> [RunOutcome] {
        try connection.fetchAll(
            """
            SELECT r.device, r.task, r.id, r.state FROM task_run r
            WHERE r.state IN (5, 7, 8) AND NOT EXISTS (
                SELECT 1 FROM task_run n WHERE n.device = r.device AND n.task = r.task AND n.state BETWEEN 4 AND 8
                    AND (n.created, n.id) > (r.created, r.id))
            """
        ) { row throws(StoreError) in
            guard let state = RunState(rawValue: try row.int(3)) else { throw .damaged("A run has no state.") }
            return RunOutcome(device: try row.id(0), task: try row.id(1), run: try row.id(2), state: state)
        }
    }

    func lastFailures(of device: DeviceID) throws(StoreError) -> Set<TaskID> {
        let tasks: [TaskID] = try connection.fetchAll(
            """
            SELECT r.task FROM task_run r
            WHERE r.device = $1 AND r.state IN (5, 7, 8) AND NOT EXISTS (
                SELECT 1 FROM task_run n WHERE n.device = r.device AND n.task = r.task AND n.state BETWEEN 4 AND 8
                    AND (n.created, n.id) > (r.created, r.id))
            """, [.id(device)]
        ) { row throws(StoreError) in try row.id(0) }
        return Set(tasks)
    }
}
