import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterSwarm

struct DeviceActionsTests {
    private let time = Timestamp(milliseconds: 1_795_530_600_250)

    @Test func anActionIsKeptUntilItsEndIsStored() {
        var actions = DeviceActions()
        let id = ActionID.random()
        let order = ActionOrder(id: id, kind: ActionKind.synchronize.rawValue)
        let first = actions.accept(order, time: time, now: .seconds(1))
        #expect(first.isNew && first.report == ActionReport(id: id, progress: .accepted, time: time))
        // Said again after a lost answer.
        #expect(!actions.accept(order, time: time + .seconds(5), now: .seconds(6)).isNew)
        #expect(actions.reports == [first.report])
        let end = actions.finish(id, time: time + .seconds(6))
        #expect(end.progress == .done && actions.reports == [end])
        // Known: answered with its end.
        #expect(actions.accept(order, time: time, now: .seconds(7)).report == end)
        #expect(actions.forget(id, now: .seconds(9)) == .seconds(8))
        #expect(actions.forget(id, now: .seconds(9)) == nil && actions.reports.isEmpty)
    }

    @Test func aRunBeginsAtOnceIsOverAndTellsSo() throws {
        var runs = SimulatedRuns()
        var actions = DeviceActions()
        let task = TaskDefinition(
            id: .random(), revision: 2, name: "t", application: .apt, type: "refresh-lists", timing: try TaskTiming(.manually))
        let order = ActionOrder(id: .random(), kind: ActionKind.runTask.rawValue, payload: task.payload)
        #expect(actions.accept(order, time: time, now: .zero).report.progress == .done)
        let reports = runs.run(order, time: time).compactMap { MusterModel.RunReport($0) }
        #expect(reports.map(\.run) == [RunID(order.id), RunID(order.id)] && reports.map(\.task) == [task.id, task.id])
        #expect(reports.first?.end == nil && reports.last?.end?.result == .succeeded)
        #expect(runs.output(of: RunID(order.id))?.total == 5 && runs.waiting.count == 1)
        runs.forget(RunID(order.id))
        #expect(runs.output(of: RunID(order.id)) == nil && runs.waiting.isEmpty)
    }
}
