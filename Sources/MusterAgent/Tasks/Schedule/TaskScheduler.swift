import MusterModel
import MusterWire
import Synchronization

/// Begins runs as the schedules of the tasks say that this device holds: by its own clock and zone, also without a server. `TaskPlan` decides.
struct TaskScheduler: Sendable {
    /// A planned time is never further away than this looks: then it looks again.
    private static let longest = Duration.hours(1)

    private let zone: DeviceZone
    private let start: StartMark

    init(root: RootPath) {
        zone = DeviceZone(root: root)
        start = StartMark()
    }

    /// Writes down the runs that are due. - Returns: how long none is.
    func turn(_ state: AgentState, under ceiling: Ceiling, now: Timestamp) throws(AgentError) -> Duration {
        let tasks = try state.held(.tasks)?.tasks().compactMap(\.definition) ?? []
        guard !tasks.isEmpty || start.isPending, let device = try state.identity()?.device else {
            try state.forgetMarks(except: [])
            return Self.longest
        }
        let marks = try state.scheduleMarks()
        let others = try state.manifestsOfOthers(for: tasks)
        // After what may fail, or tasks that run then would wait for the next start.
        let agentStart = start.take(now)
        var next: Timestamp?
        for task in tasks {
            guard TaskVerdict.judge(task, under: ceiling, others: others) == .allowed else { continue }
            let plan = TaskPlan(
                task, known: marks[task.id], agentStart: agentStart, zone: zone.rules,
                seed: TaskTiming.seed(of: task.id, on: device), now: now)
            if plan.due != nil || plan.mark != marks[task.id] {
                let run = plan.due.map { due in
                    RunRecord(
                        id: RunID(of: task.id, on: device, planned: due), task: task, isScheduled: true, accepted: now)
                }
                try state.save(plan.mark, of: task.id, beginning: run)
            }
            if let start = plan.next { next = min(next ?? start, start) }
        }
        try state.forgetMarks(except: Set(tasks.map(\.id)))
        return next.map { max(.zero, min($0 - now, Self.longest)) } ?? Self.longest
    }
}

/// That this agent started, until tasks that run then have been looked at.
private final class StartMark: Sendable {
    private let pending = Mutex(true)

    var isPending: Bool { pending.withLock { $0 } }

    func take(_ now: Timestamp) -> Timestamp? {
        pending.withLock { pending in
            defer { pending = false }
            return pending ? now : nil
        }
    }
}
