import MusterModel
import MusterSession
import MusterWire

/// Runs of tasks on one simulated device: each is over at once, does nothing, and says a line.
struct SimulatedRuns: Hashable, Sendable {
    private static let said = Array("done\n".utf8)

    /// Whose output the server does not have, the oldest first.
    private(set) var waiting: [RunID] = []

    /// What a real device tells of it: that it began, and that it is over. None for an order that is none.
    mutating func run(_ order: ActionOrder, time: Timestamp) -> [DeviceEvent] {
        guard order.kind == ActionKind.runTask.rawValue, let task = TaskDefinition(payload: order.payload) else { return [] }
        let run = RunID(order.id)
        waiting.append(run)
        var report = MusterModel.RunReport(
            run: run, task: task.id, revision: task.revision, application: task.application, type: task.type)
        let start = report.event(name: task.name, occurred: time)
        report.end = MusterModel.RunReport.End(
            result: .succeeded, exitCode: 0, duration: .zero, outputBytes: Int64(Self.said.count))
        return [start, report.event(name: task.name, occurred: time)]
    }

    func output(of run: RunID) -> RunOutput? {
        waiting.contains(run) ? RunOutput(bytes: Self.said, total: Int64(Self.said.count)) : nil
    }

    mutating func forget(_ run: RunID) { waiting.removeAll { $0 == run } }
}
