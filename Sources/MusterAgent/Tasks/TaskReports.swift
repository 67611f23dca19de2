package import MusterModel
import MusterWire

/// A task that this device runs by itself, as `muster-agent status` shows it.
package struct ScheduledTaskReport: Codable, Hashable, Sendable {
    package var name: String
    /// `APPLICATION/TYPE`.
    package var type: String
    /// As people write it.
    package var schedule: String
    /// Code of a `TaskStanding.State`.
    package var state: String
    /// Why it is refused.
    package var text: String?
    /// How it ended last.
    package var lastResult: TaskResult?
    /// When it begins next; nil: not by itself.
    package var next: Timestamp?
}

/// A run that waits or is under way, as `muster-agent status` shows it.
package struct OpenRunReport: Codable, Hashable, Sendable {
    package var run: RunID
    package var name: String
    /// `APPLICATION/TYPE`.
    package var type: String
    /// Nil: it waits.
    package var started: Timestamp?
}

extension OpenRunReport {
    init(_ run: RunRecord) {
        self.init(run: run.id, name: run.task.name, type: "\(run.task.application)/\(run.task.type)", started: run.started)
    }
}

extension AgentState {
    /// Those that have a schedule on this device, by their names.
    func scheduledTasks(now: Timestamp, zone: ZoneRules) throws(AgentError) -> [ScheduledTaskReport] {
        guard let device = try identity()?.device, let tasks = try held(.tasks)?.tasks().compactMap(\.definition) else {
            return []
        }
        let standings = try reported(.taskStates).flatMap { try? $0.standings() } ?? []
        let marks = try scheduleMarks()
        return tasks.sorted { ($0.name, $0.id) < ($1.name, $1.id) }.map { task in
            let standing = standings.first { $0.task == task.id }
            let plan = TaskPlan(
                task, known: marks[task.id], agentStart: nil, zone: zone, seed: TaskTiming.seed(of: task.id, on: device), now: now
            )
            return ScheduledTaskReport(
                name: task.name, type: "\(task.application)/\(task.type)", schedule: task.timing.schedule.description,
                state: (standing?.state ?? .waiting).code, text: standing?.text.isEmpty == false ? standing?.text : nil,
                lastResult: standing?.lastResult, next: standing?.state == .refused ? nil : plan.next)
        }
    }
}
