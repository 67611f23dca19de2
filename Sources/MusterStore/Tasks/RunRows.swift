import MusterModel

/// The rows of runs, inside a transaction.
struct RunRows {
    /// Of one task on one device; the oldest go as new ones begin and end. A task that runs every minute fills it in two hours. One that is
    /// under way goes with them: a device does one run of a task at a time, so nothing comes of that any more, and a device that says of
    /// ever new ones that they began fills no table.
    static let maximumOfTask = 100

    let connection: any DatabaseConnection

    // MARK: Orders

    /// A run for each action of an order to run a task.
    func insert(_ actions: [ActionRecord], of order: ActionOrderRecord) throws(StoreError) {
        guard case .task(let task, let revision) = order.subject else { return }
        try RowList.forEachPiece(of: actions, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(
                """
                INSERT INTO task_run (id, task, revision, device, action_order, principal_kind, principal, state, created, ended,
                    code, text, output_bytes, figures)
                \(RowList.values(rows: piece.count, columns: 14, from: 1))
                """,
                piece.flatMap { action -> [SQLValue] in
                    [
                        .id(action.id), .id(task), .integer(revision), .id(action.device), .id(order.id),
                        .text(order.principal.kind), .text(order.principal.id),
                        .integer((action.progress.isFinal ? RunState.refused : .pending).rawValue), .time(action.created),
                        .time(action.ended), .text(action.code), .text(""), .integer(0), .text("{}"),
                    ]
                })
        }
    }

    /// What the device said of the action.
    func actionReported(
        _ action: ActionID, _ progress: ActionProgress, code: String, text: String, now: Timestamp
    ) throws(StoreError) {
        switch progress {
        case .pending, .sent: break
        case .accepted, .done:
            try connection.run("UPDATE task_run SET state = 2 WHERE id = $1 AND state = 1", [.id(action)])
        case .failed: try endWaiting([action], as: .refused, code: code, text: text, now: now)
        case .expired: try endWaiting([action], as: .expired, now: now)
        case .cancelled: try endWaiting([action], as: .cancelled, now: now)
        }
    }

    /// They were not begun, as far as is known, and will not be.
    func endWaiting(
        _ actions: [ActionID], as state: RunState, code: String = "", text: String = "", now: Timestamp
    ) throws(StoreError) {
        for action in actions {
            try connection.run(
                "UPDATE task_run SET state = $2, ended = $3, code = $4, text = $5 WHERE id = $1 AND state <= 2",
                [
                    .id(action), .integer(state.rawValue), .time(now), .text(BoundedText.cut(code, to: BoundedText.word)),
                    .text(BoundedText.cut(text, to: BoundedText.sentence)),
                ])
        }
    }

    /// Nobody is there any more who would run them, or tell.
    func endAll(of device: DeviceID, code: String, now: Timestamp) throws(StoreError) {
        try connection.run(
            """
            UPDATE task_run SET state = CASE WHEN state = 3 THEN 8 ELSE 9 END, ended = $2, code = $3
            WHERE device = $1 AND state <= 3
            """, [.id(device), .time(now), .text(code)])
    }

    // MARK: Events

    /// What an event of a device says of a run. One of a task that never was, or that is another device's run, is no news.
    /// - Parameters:
    ///   - occurred: by the server's clock.
    ///   - device: whose event it is.
    func reported(
        _ report: RunReport, of device: DeviceID, occurred: Timestamp, received: Timestamp
    ) throws(StoreError) {
        guard try connection.exists("SELECT 1 FROM task WHERE id = $1", [.id(report.task)]) else { return }
        // A clock that is ahead must not put a run before those that come later.
        let at = min(occurred, received)
        guard let end = report.end else { return try started(report, of: device, at: at) }
        try ended(report, end, of: device, at: at)
    }

    private static let isNew = "task_run.state <= 2 OR task_run.state >= 9"

    private func started(_ report: RunReport, of device: DeviceID, at time: Timestamp) throws(StoreError) {
        let changed = try connection.run(
            """
            INSERT INTO task_run (id, task, revision, device, state, created, started, code, text, output_bytes, figures)
            VALUES ($1, $2, $3, $4, 3, $5, $5, '', '', 0, '{}')
            ON CONFLICT (id) DO UPDATE SET
                started = COALESCE(task_run.started, excluded.started),
                state = CASE WHEN \(Self.isNew) THEN 3 ELSE task_run.state END,
                ended = CASE WHEN \(Self.isNew) THEN NULL ELSE task_run.ended END,
                code = CASE WHEN \(Self.isNew) THEN '' ELSE task_run.code END,
                text = CASE WHEN \(Self.isNew) THEN '' ELSE task_run.text END
            WHERE task_run.device = excluded.device AND task_run.task = excluded.task
            """, [.id(report.run), .id(report.task), .integer(report.revision), .id(device), .time(time)])
        if changed > 0 { try forgetOldest(of: report.task, on: device) }
    }

    /// Of two ends of one run, as of a device that was put back to an earlier state, the later one is kept.
    private func ended(
        _ report: RunReport, _ end: RunReport.End, of device: DeviceID, at time: Timestamp
    ) throws(StoreError) {
        let started = time - min(end.duration, .days(3_660))
        let changed = try connection.run(
            """
            INSERT INTO task_run (id, task, revision, device, state, created, started, ended, exit_code, code, text, duration,
                output_bytes, figures)
            VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (id) DO UPDATE SET
                started = COALESCE(task_run.started, excluded.started), state = excluded.state, ended = excluded.ended,
                exit_code = excluded.exit_code, code = excluded.code, text = excluded.text, duration = excluded.duration,
                output_bytes = excluded.output_bytes, figures = excluded.figures
            WHERE task_run.device = excluded.device AND task_run.task = excluded.task
                AND (task_run.ended IS NULL OR \(Self.isNew) OR task_run.ended <= excluded.ended)
            """,
            [
                .id(report.run), .id(report.task), .integer(report.revision), .id(device),
                .integer(RunState(end.result).rawValue), .time(started), .time(time), .integer(end.exitCode),
                .text(BoundedText.cut(end.code, to: BoundedText.word)),
                .text(BoundedText.cut(end.text, to: BoundedText.sentence)),
                .integer(end.duration.milliseconds), .integer(end.outputBytes), .text(try Self.text(end.figures)),
            ])
        if changed > 0 { try forgetOldest(of: report.task, on: device) }
    }

    private func forgetOldest(of task: TaskID, on device: DeviceID) throws(StoreError) {
        try connection.run(
            """
            DELETE FROM task_run WHERE id IN (
                SELECT id FROM task_run WHERE device = $1 AND task = $2 ORDER BY created DESC, id DESC LIMIT 20 OFFSET $3)
                AND state >= 3
            """, [.id(device), .id(task), .count(Self.maximumOfTask)])
    }

    /// Names as long as people read.
    private static func text(_ figures: [String: Int64]) throws(StoreError) -> String {
        guard !figures.isEmpty else { return "{}" }
        let bounded = figures.sorted { $0.key < $1.key }.prefix(RunReport.maximumFigures).map {
            (BoundedText.cut($0.key, to: BoundedText.word), $0.value)
        }
        return try StoredJSON.text(Dictionary(bounded) { first, _ in first }, of: "What a run counted")
    }
}
