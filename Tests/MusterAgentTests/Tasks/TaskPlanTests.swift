import MusterModel
import Testing

@testable import MusterAgent

@Suite("What a schedule says on a device")
struct TaskPlanTests {
    /// 2026-11-24 is a Tuesday.
    private let midnight = Timestamp("2026-11-24T00:00:00.000Z") ?? noon

    private func task(_ schedule: String, missed: Bool = false, delay: Duration = .zero, revision: Int64 = 1) throws
        -> TaskDefinition
    {
        TaskDefinition(
            id: .random(), revision: revision, name: "t", application: .apt, type: "refresh-lists",
            timing: try TaskTiming(try TaskSchedule(schedule), runsMissed: missed, randomDelay: delay))
    }

    private func plan(
        _ task: TaskDefinition, _ known: ScheduleMark?, at now: Timestamp, agentStart: Timestamp? = nil
    ) -> TaskPlan {
        TaskPlan(task, known: known, agentStart: agentStart, zone: .utc, seed: 7, now: now)
    }

    @Test("a task that came just now runs at the next time, not for those before")
    func new() throws {
        let task = try task("daily 03:00", missed: true)
        let plan = plan(task, nil, at: midnight + .hours(5))
        #expect(plan.due == nil && plan.next == midnight + .hours(27))
        #expect(self.plan(task, plan.mark, at: midnight + .hours(26)).due == nil)
    }

    @Test("runs when its time comes, once")
    func due() throws {
        let task = try task("daily 03:00")
        let mark = plan(task, nil, at: midnight).mark
        let plan = plan(task, mark, at: midnight + .hours(3) + .seconds(2))
        #expect(plan.due == midnight + .hours(3) && plan.next == midnight + .hours(27))
        #expect(self.plan(task, plan.mark, at: midnight + .hours(3) + .seconds(3)).due == nil)
    }

    @Test("a run that was missed is caught up on once, or left out", arguments: [true, false])
    func missed(isCaughtUpOn: Bool) throws {
        let task = try task("every 15m", missed: isCaughtUpOn)
        let mark = plan(task, nil, at: midnight).mark
        let now = midnight + .days(30) + .minutes(7)
        let plan = plan(task, mark, at: now)
        #expect(plan.due == (isCaughtUpOn ? midnight + .days(30) : nil))
        #expect(plan.next == midnight + .days(30) + .minutes(15))
        #expect(self.plan(task, plan.mark, at: now + .seconds(1)).due == nil)
        #expect(self.plan(task, plan.mark, at: midnight + .days(30) + .minutes(15)).due == midnight + .days(30) + .minutes(15))
    }

    @Test("a clock that was ahead stops nothing")
    func clockAhead() throws {
        let task = try task("daily 03:00")
        let mark = plan(task, nil, at: midnight + .days(4000)).mark
        let plan = plan(task, mark, at: midnight)
        #expect(plan.due == nil && plan.next == midnight + .hours(3))
        #expect(self.plan(task, plan.mark, at: midnight + .hours(3)).due == midnight + .hours(3))
    }

    @Test("another revision begins anew")
    func revised() throws {
        let first = try task("daily 03:00", missed: true)
        let mark = plan(first, nil, at: midnight).mark
        var second = first
        second.revision = 2
        #expect(plan(second, mark, at: midnight + .hours(9)).due == nil)
    }

    @Test("a random delay comes before the next time, and is not missed while it lasts")
    func delay() throws {
        let task = try task("daily 03:00", delay: .hours(2))
        let mark = plan(task, nil, at: midnight).mark
        let next = try #require(plan(task, mark, at: midnight + .hours(1)).next)
        #expect(next >= midnight + .hours(3) && next < midnight + .hours(5))
        #expect(plan(task, mark, at: next - .seconds(1)).due == nil)
        #expect(plan(task, mark, at: next).due == midnight + .hours(3))
    }

    @Test("at the agent's start: once, and only what was held before")
    func agentStart() throws {
        let task = try task("agent-start")
        #expect(plan(task, nil, at: midnight, agentStart: midnight).due == nil)
        let mark = plan(task, nil, at: midnight).mark
        #expect(plan(task, mark, at: midnight + .hours(1), agentStart: midnight + .hours(1)).due == midnight + .hours(1))
        #expect(plan(task, mark, at: midnight + .hours(1)).due == nil)
    }

    @Test("never by itself")
    func manual() throws {
        let task = try task("manual")
        let mark = plan(task, nil, at: midnight).mark
        let plan = plan(task, mark, at: midnight + .days(9))
        #expect(plan.due == nil && plan.next == nil)
    }
}
