import MusterModel

/// A run of a task as the agent's database has it.
struct RunRecord: Hashable, Sendable {
    /// The numbers are those of the table.
    enum Phase: Int64, Hashable, Sendable {
        /// Written down. Can go to: running, ended.
        case accepted = 1
        /// Its process was seen to have begun, and the event is raised. Can go to: ended.
        case running = 2
        case ended = 3
    }

    let id: RunID
    let task: TaskDefinition
    var phase = Phase.accepted
    var isScheduled: Bool
    /// Somebody wants it to end.
    var isToStop = false
    var accepted: Timestamp
    var started: Timestamp?
    /// Bytes of the folder's events that were raised.
    var eventsRead: Int64 = 0

    /// What its events say.
    var report: RunReport {
        RunReport(
            run: id, task: task.id, revision: task.revision, application: task.application, type: task.type,
            isScheduled: isScheduled)
    }
}
