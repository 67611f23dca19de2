import MusterModel
import MusterTestKit
import Testing

@testable import MusterStore

@Suite struct TaskTests {
    private let start = StoreFixture.start
    private let administrator = StoreFixture.administrator

    @Test(arguments: DatabaseKind.allCases)
    func tasksAreMadeChangedAndDeleted(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let made = try await fixture.makeTask(
                .test("b", schedule: try TaskSchedule(.every(.minutes(5))), settings: ["p": .secret(SecretValue(bytes: [1, 2]))]))
            _ = try await fixture.makeTask(.test("a"))
            #expect(try await store.fetchTasks().map(\.task.definition.name) == ["a", "b"])
            #expect(try await store.fetchTask(made.id) == made && made.task.isScheduled)

            var changed = made.task
            changed.definition.settings = [:]
            let second = try await store.changeTask(
                changed, expectedRevision: 1, change: "emptied", principal: administrator, now: start + .seconds(1))
            guard case .done(let second) = second else { throw FixtureError(description: "not changed") }
            #expect(second.task.definition.revision == 2 && second.changed == start + .seconds(1))
            // As it was, for runs that were ordered then.
            #expect(try await store.fetchTask(made.id, revision: 1) == made.task)
            #expect(try await store.fetchTask(made.id, revision: 2)?.definition.settings == [:])

            let stale = await code {
                _ = try await store.changeTask(
                    changed, expectedRevision: 1, change: "", principal: administrator, now: start)
            }
            #expect(stale == .conflict)
            #expect(try await store.deleteTask(made.id, expectedRevision: 2, principal: administrator, now: start) == [])
            #expect(try await store.deleteTask(made.id, expectedRevision: nil, principal: administrator, now: start) == nil)
            #expect(try await store.fetchTask(made.id) == nil)
            #expect(try await store.fetchTask(made.id, revision: 1) != nil)
            let audit = try await store.fetchAudit(limit: 20).filter { $0.object == "\(made.id)" }
            #expect(audit.map(\.action) == ["create-task", "edit-task", "delete-task"])
            // The name is free again.
            _ = try await fixture.makeTask(.test("b"))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatIsNotThereIsRefused(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            _ = try await fixture.makeTask(.test("a"))
            for task in try [
                ManagedTask.test("a"), .test(" "), .test("c", scope: .group(.random())),
                .test("c", scope: .selection(.random())), .test("c", scope: .devices([])),
            ] {
                let refused = await code { _ = try await fixture.makeTask(task) }
                #expect(refused == .refused || refused == .notFound, "\(task)")
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatATaskIsForIsNotDeletedUnderIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let selection = try await store.createSelection(
                .random(), name: "s", expression: "name = a", principal: administrator, now: start)
            _ = try await fixture.makeTask(.test("for it", scope: .selection(selection.id)))
            let refused = await code {
                _ = try await store.deleteSelection(
                    selection.id, expectedRevision: nil, principal: administrator, now: start)
            }
            #expect(refused == .refused)
        }
    }

    /// Different devices within an hour; more of them change nothing.
    @Test(arguments: DatabaseKind.allCases)
    func runsThatWaitOnTheirDevicesAreFoundByOrderAndTask(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let devices = try await fixture.enrolMany(3)
            let task = try await fixture.makeTask(.test())
            func accept(_ action: ActionRecord) async throws {
                _ = try await store.storeActionReport(
                    action.id, of: action.device, progress: .done, code: "", text: "", now: start)
            }
            let first = try await fixture.run(task, on: devices)
            let runs = Dictionary(uniqueKeysWithValues: first.new.map { ($0.device, $0) })
            // The first device has it written down, for two orders; the second has begun it; the third does not have it.
            let (one, two) = (try #require(runs[devices[0]]), try #require(runs[devices[1]]))
            let again = try await fixture.run(task, on: [devices[0]])
            try await accept(one)
            try await accept(two)
            try await fixture.say([(RunReport.test(RunID(two.id), of: task), .seconds(1))], of: devices[1], from: 1)
            #expect(try await store.fetchUnbegunRuns(of: task.id).map(\.id) == [RunID(one.id)])
            #expect(try await store.fetchUnbegunRuns(of: first.order.id).isEmpty, "the other order wants it too")
            _ = try await store.cancelActions(again.order.id, principal: StoreFixture.administrator, now: start)
            #expect(try await store.fetchUnbegunRuns(of: first.order.id).map(\.id) == [RunID(one.id)])
            let last = try await store.fetchLastRuns(of: devices[1])
            #expect(last[task.id]?.last.state == .running && last[task.id]?.lastEnded == nil)
            let end = RunReport.End(result: .failed, duration: .seconds(1))
            try await fixture.say([(RunReport.test(RunID(two.id), of: task, end: end), .seconds(2))], of: devices[1], from: 2)
            let later = fixture.runOrder(task, at: start + .minutes(1))
            _ = try await store.orderRuns(later, devices: [devices[1]], reach: nil)
            let after = try await store.fetchLastRuns(of: devices[1])
            #expect(after[task.id]?.last.state == .pending && after[task.id]?.lastEnded?.id == RunID(two.id))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func reachIsCountedPerPrincipalAndHour(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let task = try await fixture.makeTask(.test())
            let devices = try await fixture.enrolMany(4)
            let other = AuditPrincipal(kind: "api-token", id: "other")
            func order(
                _ devices: ArraySlice<DeviceID>, _ reach: DeviceReach, after time: Duration = .zero,
                by principal: AuditPrincipal = StoreFixture.administrator
            ) async throws -> ReachExcess? {
                let order = fixture.runOrder(task, at: start + time, by: principal)
                switch try await store.orderRuns(order, devices: Array(devices), reach: reach) {
                case .done: return nil
                case .exceeded(let excess): return excess
                }
            }
            #expect(try await order(devices[0..<2], .devices(2)) == nil)
            // The same devices again are no more.
            #expect(try await order(devices[0..<2], .devices(2), after: .minutes(1)) == nil)
            let excess = try await order(devices[1..<3], .devices(2), after: .minutes(2))
            #expect(excess == ReachExcess(limit: 2, used: 2, asked: 1, frees: start + .minutes(61)))
            #expect(try await store.fetchRuns(RunQuestion(), limit: 10).count == 2)
            #expect(try await store.fetchAudit(limit: 20).contains { $0.action == "refuse-reach" })
            #expect(try await order(devices[0..<4], .devices(2), after: .minutes(2), by: other)?.frees == nil)
            #expect(try await order(devices[2..<3], .devices(3), after: .minutes(3)) == nil)
            #expect(try await order(devices[3..<4], .unlimited, after: .minutes(3)) == nil)
            #expect(try await order(devices[0..<2], .devices(2), after: .minutes(64)) == nil)
        }
    }
}

extension StoreFixture {
    func enrolMany(_ count: Int) async throws -> [DeviceID] {
        var devices: [DeviceID] = []
        for number in 0..<count { devices.append(try await enrol("d\(number)")) }
        return devices
    }
}
