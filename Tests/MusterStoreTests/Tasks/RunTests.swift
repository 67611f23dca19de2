import MusterModel
import MusterTestKit
import Testing

@testable import MusterStore

@Suite struct RunTests {
    private let start = StoreFixture.start
    private let administrator = StoreFixture.administrator

    @Test(arguments: DatabaseKind.allCases)
    func theWayOfARunThatWasOrdered(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let device = try await fixture.enrol("a")
            let action = try #require(try await fixture.run(task, on: [device]).new.first)
            let id = RunID(action.id)
            let ordered = try #require(try await store.fetchRun(id))
            #expect(ordered.state == .pending && ordered.taskName == "scan" && ordered.deviceName == "a")
            #expect(ordered.principal == administrator && ordered.action?.progress == .pending)

            func report(_ progress: ActionProgress) async throws {
                _ = try await store.storeActionReport(
                    action.id, of: device, progress: progress, code: "", text: "", now: start)
            }
            try await report(.done)
            #expect(try await store.fetchRun(id)?.state == .accepted)
            try await fixture.say([(.test(id, of: task), .seconds(2))], of: device, from: 1)
            #expect(try await store.fetchRun(id)?.state == .running)
            #expect(try await store.storeRunOutput(RunOutput(bytes: [1], total: 1), of: id, device: device) == false)

            let end = RunReport.End(
                result: .failed, exitCode: 3, code: "exitCode", text: "it ended with 3", duration: .seconds(3), outputBytes: 7,
                figures: ["files": 12])
            try await fixture.say([(.test(id, of: task, end: end), .seconds(5))], of: device, from: 2)
            let ended = try #require(try await store.fetchRun(id))
            #expect(ended.state == .failed && ended.started == start + .seconds(2) && ended.ended == start + .seconds(5))
            #expect(ended.exitCode == 3 && ended.code == "exitCode" && ended.text == "it ended with 3")
            #expect(ended.duration == .seconds(3) && ended.outputBytes == 7 && ended.figures == ["files": 12])
            #expect(try await store.fetchLastFailures(of: device) == [task.id])

            let output = RunOutput(bytes: [1, 2, 3], total: 7, cut: 2)
            #expect(try await store.storeRunOutput(output, of: id, device: .random()) == false)
            #expect(try await store.storeRunOutput(output, of: id, device: device))
            #expect(try await store.fetchRunOutput(id) == output)
            #expect(try await store.fetchRun(id)?.hasOutput == true)
        }
    }

    /// The end may come before the server's word of the action, and once more after a roll-back of the device.
    @Test(arguments: DatabaseKind.allCases)
    func eventsCountWhateverTheActionSays(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let device = try await fixture.enrol("a")
            let action = try #require(try await fixture.run(task, on: [device], expires: .seconds(1)).new.first)
            let id = RunID(action.id)
            #expect(try await store.expireActions(now: start + .seconds(2)) == [action.id])
            #expect(try await store.fetchRun(id)?.state == .expired)
            // It was accepted in time, and that was not heard.
            let end = RunReport.End(result: .succeeded, duration: .seconds(1))
            try await fixture.say(
                [(.test(id, of: task), .zero), (.test(id, of: task, end: end), .seconds(1))], of: device, from: 1)
            #expect(try await store.fetchRun(id)?.state == .succeeded)
            let earlier = RunReport.End(result: .failed, duration: .zero)
            try await fixture.say([(.test(id, of: task, end: earlier), .milliseconds(1))], of: device, from: 3)
            #expect(try await store.fetchRun(id)?.state == .succeeded)
            let later = RunReport.End(result: .interrupted, duration: .zero)
            try await fixture.say([(.test(id, of: task, end: later), .seconds(9))], of: device, from: 4)
            #expect(try await store.fetchRun(id)?.state == .interrupted)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aScheduledRunIsMadeByItsEvents(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let (device, other) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            let (first, second) = (RunID.random(), RunID.random())
            try await fixture.say([(.test(first, of: task, isScheduled: true), .seconds(1))], of: device, from: 1)
            // Its start was lost in a gap.
            let end = RunReport.End(result: .succeeded, duration: .seconds(4))
            try await fixture.say([(.test(second, of: task, isScheduled: true, end: end), .seconds(9))], of: device, from: 2)
            let runs = try await store.fetchRuns(RunQuestion(task: task.id), limit: 10)
            #expect(runs.map(\.id) == [second, first] && runs.map(\.state) == [.succeeded, .running])
            #expect(runs[0].started == start + .seconds(5) && runs[0].order == nil && runs[0].action == nil)
            // Another device cannot say what became of it; and nobody of a task that never was.
            let hostile = RunReport.End(result: .failed, duration: .zero)
            try await fixture.say([(.test(first, of: task, end: hostile), .seconds(2))], of: other, from: 1)
            var unknown = RunReport.test(.random(), of: task)
            unknown.task = .random()
            try await fixture.say([(unknown, .seconds(2))], of: device, from: 3)
            #expect(try await store.fetchRuns(RunQuestion(), limit: 10) == runs)
            #expect(try await store.fetchRuns(RunQuestion(device: other), limit: 10).isEmpty)
            #expect(try await store.fetchRuns(RunQuestion(states: [.running]), limit: 10).map(\.id) == [first])
            let page = try await store.fetchRuns(RunQuestion(device: device), before: runs[0].cursor, limit: 10)
            #expect(page.map(\.id) == [first])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRunThatNeverBeganEndsWithItsAction(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let devices = try await fixture.enrolMany(4)
            let created = try await fixture.run(task, on: devices)
            func action(_ place: Int) throws -> ActionID {
                try #require(created.new.first { $0.device == devices[place] }).id
            }
            func run(_ place: Int) async throws -> RunRecord { try #require(try await store.fetchRun(RunID(action(place)))) }
            _ = try await store.storeActionReport(
                try action(0), of: devices[0], progress: .failed, code: "ceiling", text: "the owner forbids it", now: start)
            let refused = try await run(0)
            #expect(refused.state == .refused && refused.code == "ceiling" && refused.text == "the owner forbids it")
            _ = try await store.deleteDevice(devices[1], principal: administrator, now: start)
            let gone = try await run(1)
            #expect(gone.state == .refused && gone.code == "deviceDeleted")
            _ = try await store.cancelActions(created.order.id, principal: administrator, now: start)
            let cancelled = try await run(2)
            #expect(cancelled.state == .cancelled && cancelled.ended == start)
            // What the action was is forgotten before the run is.
            let deleted = try await store.deleteActions(before: start + .days(40), limit: 10)
            #expect(deleted == 1)
            let kept = try await run(0)
            #expect(kept.code == "ceiling" && kept.action == nil)
            #expect(try await store.fetchRuns(RunQuestion(order: created.order.id), limit: 10).isEmpty)
        }
    }

    /// Of one task at one revision a device waits for one run; another revision is another run.
    @Test(arguments: DatabaseKind.allCases)
    func ordersOfTheSameShareARun(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let device = try await fixture.enrol("a")
            let first = try await fixture.run(task, on: [device])
            let second = try await fixture.run(task, on: [device])
            #expect(second.new.isEmpty && second.shared == first.new.map(\.id))
            #expect(
                try await store.fetchRuns(RunQuestion(order: second.order.id), limit: 10).map(\.id)
                    == first.new.map { RunID($0.id) })
            var changed = task.task
            changed.definition.settings = [:]
            guard
                case .done(let record) = try await store.changeTask(
                    changed, expectedRevision: nil, change: "", principal: administrator, now: start)
            else { throw FixtureError(description: "not changed") }
            #expect(try await fixture.run(record, on: [device]).new.count == 1)
            let synchronize = ActionOrderRecord(
                id: .random(), kind: .synchronize, created: start, expires: start + .hours(1), principal: administrator)
            #expect(try await store.createActions(synchronize, devices: [device]).new.count == 1)
            let open = try await store.fetchOpenActions()
            #expect(Set(open.map(\.subject)) == [.none, .task(task.id, revision: 1), .task(task.id, revision: 2)])
            // Deleting the task cancels what waits.
            let cancelled = try await store.deleteTask(task.id, expectedRevision: nil, principal: administrator, now: start)
            #expect(cancelled?.count == 2)
            #expect(try await store.fetchRuns(RunQuestion(task: task.id), limit: 10).allSatisfy { $0.state == .cancelled })
        }
    }

    /// As a device would that was taken over: it says of ever new runs that they began, and of none that it ended.
    @Test(arguments: DatabaseKind.allCases)
    func runsThatOnlyBeginFillNoTable(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let task = try await fixture.makeTask(.test())
            let device = try await fixture.enrol("a")
            let runs = (0..<(RunRows.maximumOfTask + 5)).map { _ in RunID.random() }
            for (index, run) in runs.enumerated() {
                try await fixture.say([(.test(run, of: task), .seconds(index))], of: device, from: UInt64(index + 1))
            }
            let kept = try await fixture.store.fetchRuns(RunQuestion(task: task.id), limit: 1000)
            #expect(kept.map(\.id) == runs.suffix(RunRows.maximumOfTask).reversed())
            #expect(kept.allSatisfy { $0.state == .running })
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func oldRunsAndTheirOutputsGo(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let device = try await fixture.enrol("a")
            let end = RunReport.End(result: .succeeded, duration: .zero, outputBytes: 1)
            let runs = (0..<(RunRows.maximumOfTask + 5)).map { _ in RunID.random() }
            for (index, run) in runs.enumerated() {
                try await fixture.say(
                    [(.test(run, of: task, isScheduled: true, end: end), .seconds(index))], of: device, from: UInt64(index + 1))
                #expect(try await store.storeRunOutput(RunOutput(bytes: [7], total: 1), of: run, device: device))
            }
            let kept = try await store.fetchRuns(RunQuestion(task: task.id), limit: 1000)
            #expect(kept.map(\.id) == runs.suffix(RunRows.maximumOfTask).reversed())
            #expect(try await store.fetchRunOutput(runs[0]) == nil)
            #expect(try await store.deleteOldTaskRevisions(before: start + .days(1)) == 0)
            while try await store.deleteOldRuns(before: start + .days(1)) > 0 {}
            #expect(try await store.fetchRuns(RunQuestion(), limit: 10).isEmpty)
            _ = try await store.deleteTask(task.id, expectedRevision: nil, principal: administrator, now: start)
            #expect(try await store.deleteOldTaskRevisions(before: start + .days(1)) == 2)
        }
    }
}
