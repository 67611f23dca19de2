import MusterModel
import MusterSession
import Testing

@testable import MusterSwarm

struct DeviceActionsTests {
    private let time = Timestamp(milliseconds: 1_795_530_600_250)

    @Test func anActionIsKeptUntilItsEndIsStored() {
        var actions = DeviceActions()
        let id = ActionID.random()
        let first = actions.accept(id, time: time, now: .seconds(1))
        #expect(first.isNew && first.report == ActionReport(id: id, progress: .accepted, time: time))
        // Said again after a lost answer.
        #expect(!actions.accept(id, time: time + .seconds(5), now: .seconds(6)).isNew)
        #expect(actions.reports == [first.report])
        let end = actions.finish(id, time: time + .seconds(6))
        #expect(end.progress == .done && actions.reports == [end])
        // Known: answered with its end.
        #expect(actions.accept(id, time: time, now: .seconds(7)).report == end)
        #expect(actions.forget(id, now: .seconds(9)) == .seconds(8))
        #expect(actions.forget(id, now: .seconds(9)) == nil && actions.reports.isEmpty)
    }
}
