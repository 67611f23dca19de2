import MusterModel
import MusterWire

/// Where the schedules of the tasks stand that this device holds, and how the tasks do.
extension AgentState {
    func scheduleMarks() throws(AgentError) -> [TaskID: ScheduleMark] {
        try database.read { (connection) throws(AgentError) in
            var marks: [TaskID: ScheduleMark] = [:]
            try connection.scan("SELECT id, revision, since, settled FROM task") { (row) throws(AgentError) in
                guard let id = TaskID(bytes: row.bytes(0)) else { return true }
                marks[id] = ScheduleMark(
                    revision: row.integer(1), since: Timestamp(milliseconds: row.integer(2)),
                    settled: Timestamp(milliseconds: row.integer(3)))
                return true
            }
            return marks
        }
    }

    /// Writes down where a schedule stands, and the run that begins for it, as one. A run that is known is not begun again; nor is one
    /// whose task is still under way.
    func save(_ mark: ScheduleMark, of task: TaskID, beginning run: RunRecord?) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.run(
                """
                INSERT INTO task (id, revision, since, settled) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, since = excluded.since, settled = excluded.settled
                """,
                .bytes(task.bytes), .integer(mark.revision), .integer(mark.since.milliseconds),
                .integer(mark.settled.milliseconds))
            guard let run, try !connection.isKnown(run.id) else { return }
            let open = try connection.openRuns()
            guard open.count < Self.maximumOpenRuns, !open.contains(where: { $0.task.id == task }) else { return }
            try connection.insert(run)
        }
    }

    /// Tasks that are not held any more.
    func forgetMarks(except known: Set<TaskID>) throws(AgentError) {
        let gone = try scheduleMarks().keys.filter { !known.contains($0) }
        guard !gone.isEmpty else { return }
        try database.transaction { (connection) throws(AgentError) in
            for task in gone { try connection.run("DELETE FROM task WHERE id = ?1", .bytes(task.bytes)) }
        }
    }

    /// Makes the document of how tasks stand. - Returns: whether it is another one.
    func saveStandings(under ceiling: Ceiling) throws(AgentError) -> Bool {
        let held = try held(.tasks)?.tasks() ?? []
        let known = try reported(.taskStates)
        guard !held.isEmpty || known != nil else { return false }
        let (last, running) = try runsOfTasks()
        let others = try manifestsOfOthers(for: held.compactMap(\.definition))
        let document = Document(
            standings: held.map { task in
                guard let definition = task.definition else {
                    return TaskStanding(
                        task: task.id, revision: 0, state: .refused, code: "notSupported",
                        text: "the task says something that this agent does not know; a newer one may")
                }
                var standing = TaskStanding(
                    task: task.id, revision: definition.revision, state: running.contains(task.id) ? .running : .waiting,
                    lastResult: last[task.id])
                if case .refused(let refusal) = TaskVerdict.judge(definition, under: ceiling, others: others) {
                    (standing.state, standing.code, standing.text) = (.refused, refusal.code, refusal.text)
                }
                return standing
            })
        guard document.digest != known?.digest else { return false }
        try saveReported(.taskStates, document)
        return true
    }
}
