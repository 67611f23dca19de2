import MusterModel
import MusterSession
import MusterWire

/// Runs of tasks: written down before they begin, so that one that is ordered again is known, however the agent ended meanwhile.
extension AgentState {
    /// Waiting or under way at once: more than anybody orders before some have ended.
    static let maximumOpenRuns = 256
    /// Of those that have ended, to know them again: a server whose database was put back asks for what it asked for before.
    static let maximumEndedRuns = 1000
    /// Outputs kept for a server that does not come: 100 of 64 KiB.
    static let maximumOutputs = 100

    /// Those without an end, the oldest first.
    func openRuns() throws(AgentError) -> [RunRecord] {
        try database.read { (connection) throws(AgentError) in try connection.openRuns() }
    }

    /// It began. - Returns: the spool's position with the event.
    func runStarted(_ run: RunRecord, at time: Timestamp, in spool: Spool) throws(AgentError) -> SpoolPosition {
        try database.transaction { (connection) throws(AgentError) in
            try connection.run(
                "UPDATE run SET phase = 2, started = ?2 WHERE id = ?1 AND phase = 1", .bytes(run.id.bytes),
                .integer(time.milliseconds))
            return try spool.append([run.report.event(name: run.task.name, occurred: time)], to: connection)
        }
    }

    /// It ended. - Parameter hasOutput: what its programs said is in its folder.
    func runEnded(
        _ run: RunRecord, _ end: RunReport.End, hasOutput: Bool, at time: Timestamp, in spool: Spool
    ) throws(AgentError) -> SpoolPosition {
        var report = run.report
        report.end = end
        let event = report.event(name: run.task.name, occurred: time)
        return try database.transaction { (connection) throws(AgentError) in
            try connection.run(
                "UPDATE run SET phase = 3, ended = ?2, result = ?3, output = ?4 WHERE id = ?1", .bytes(run.id.bytes),
                .integer(time.milliseconds), .text(end.result.rawValue), .integer(hasOutput ? 1 : 0))
            try connection.run(
                """
                DELETE FROM run WHERE phase = 3 AND id IN (
                    SELECT id FROM run WHERE phase = 3 ORDER BY accepted DESC, id LIMIT -1 OFFSET ?1)
                """, .integer(Int64(Self.maximumEndedRuns)))
            try connection.run(
                """
                UPDATE run SET output = 0 WHERE output = 1 AND id IN (
                    SELECT id FROM run WHERE output = 1 ORDER BY accepted DESC, id LIMIT -1 OFFSET ?1)
                """, .integer(Int64(Self.maximumOutputs)))
            return try spool.append([event], to: connection)
        }
    }

    /// Raises what the process of a run has to tell. - Parameter read: bytes of the folder's events that are raised then.
    func raise(_ events: [DeviceEvent], of run: RunID, read: Int64, in spool: Spool) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.run("UPDATE run SET events = ?2 WHERE id = ?1", .bytes(run.bytes), .integer(read))
            if !events.isEmpty { _ = try spool.append(events, to: connection) }
        }
    }

    /// Runs that have ended and whose output the server does not have, the oldest first.
    func outputsWaiting() throws(AgentError) -> [RunID] {
        try database.read { (connection) throws(AgentError) in
            var runs: [RunID] = []
            try connection.scan("SELECT id FROM run WHERE output = 1 AND phase = 3 ORDER BY accepted, id") {
                (row) throws(AgentError) in
                if let run = RunID(bytes: row.bytes(0)) { runs.append(run) }
                return true
            }
            return runs
        }
    }

    func eventsRead(of run: RunID) throws(AgentError) -> Int64? {
        try database.read { (connection) throws(AgentError) in
            try connection.first("SELECT events FROM run WHERE id = ?1", .bytes(run.bytes)) { (row) throws(AgentError) in
                row.integer(0)
            }
        }
    }

    /// Those whose folder is still wanted.
    func runsWithFolders() throws(AgentError) -> Set<RunID> {
        Set(try outputsWaiting()).union(try openRuns().map(\.id))
    }

    func forgetOutput(_ run: RunID) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.run("UPDATE run SET output = 0 WHERE id = ?1", .bytes(run.bytes))
        }
    }

    /// How the runs of tasks ended last, and which are under way.
    func runsOfTasks() throws(AgentError) -> (last: [TaskID: TaskResult], running: Set<TaskID>) {
        try database.read { (connection) throws(AgentError) in
            var last: [TaskID: TaskResult] = [:]
            var running: Set<TaskID> = []
            try connection.scan("SELECT task_id, phase, result FROM run ORDER BY ended") { (row) throws(AgentError) in
                guard let task = TaskID(bytes: row.bytes(0)) else { return true }
                if row.integer(1) == RunRecord.Phase.running.rawValue { running.insert(task) }
                if let result = TaskResult(rawValue: row.text(2)) { last[task] = result }
                return true
            }
            return (last, running)
        }
    }
}

extension SQLiteConnection {
    /// - Returns: *done* when the run is written down; it goes on by itself.
    func accept(run order: ActionOrder, under ceiling: Ceiling, now: Timestamp) throws(AgentError) -> ActionReport {
        let run = RunID(order.id)
        if try isKnown(run) { return ActionReport(id: order.id, progress: .done, time: now) }
        func failed(_ refusal: TaskRefusal) -> ActionReport {
            ActionReport(id: order.id, progress: .failed, code: refusal.code, text: refusal.text, time: now)
        }
        guard let task = TaskDefinition(payload: order.payload) else {
            return failed(.notSupported("the task says something that this agent does not know; a newer one may"))
        }
        let others = try manifestsOfOthers(for: [task])
        if case .refused(let refusal) = TaskVerdict.judge(task, under: ceiling, others: others) { return failed(refusal) }
        guard try openRuns().count < AgentState.maximumOpenRuns else { return failed(.tooMany) }
        try insert(RunRecord(id: run, task: task, isScheduled: false, accepted: now))
        return ActionReport(id: order.id, progress: .done, time: now)
    }

    func accept(stop order: ActionOrder, now: Timestamp) throws(AgentError) -> ActionReport {
        guard let run = RunID(bytes: order.payload), try isKnown(run) else {
            return ActionReport(
                id: order.id, progress: .failed, code: "unknownRun", text: "there is no such run on this device", time: now)
        }
        try self.run("UPDATE run SET stop = 1 WHERE id = ?1 AND phase < 3", .bytes(run.bytes))
        return ActionReport(id: order.id, progress: .done, time: now)
    }

    func isKnown(_ run: RunID) throws(AgentError) -> Bool {
        try first("SELECT 1 FROM run WHERE id = ?1", .bytes(run.bytes)) { (_) throws(AgentError) in true } ?? false
    }

    func insert(_ run: RunRecord) throws(AgentError) {
        try self.run(
            """
            INSERT INTO run (id, task, task_id, phase, scheduled, stop, accepted, started, ended, result, events, output)
            VALUES (?1, ?2, ?3, 1, ?4, 0, ?5, NULL, NULL, NULL, 0, 0)
            """,
            .bytes(run.id.bytes), .bytes(run.task.payload), .bytes(run.task.id.bytes), .integer(run.isScheduled ? 1 : 0),
            .integer(run.accepted.milliseconds))
    }

    func openRuns() throws(AgentError) -> [RunRecord] {
        var runs: [RunRecord] = []
        try scan(
            "SELECT id, task, phase, scheduled, stop, accepted, started, events FROM run WHERE phase < 3 ORDER BY accepted, id"
        ) { (row) throws(AgentError) in
            // What an agent of a newer version wrote and this one cannot read stays until that one is back.
            guard let id = RunID(bytes: row.bytes(0)), let task = TaskDefinition(payload: row.bytes(1)),
                let phase = RunRecord.Phase(rawValue: row.integer(2))
            else { return true }
            runs.append(
                RunRecord(
                    id: id, task: task, phase: phase, isScheduled: row.integer(3) == 1, isToStop: row.integer(4) == 1,
                    accepted: Timestamp(milliseconds: row.integer(5)),
                    started: phase == .accepted ? nil : Timestamp(milliseconds: row.integer(6)), eventsRead: row.integer(7)))
            return true
        }
        return runs
    }
}
