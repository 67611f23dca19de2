import MusterModel
import MusterTestKit

@testable import MusterStore

extension ManagedTask {
    static func test(
        _ name: String = "scan", scope: TaskScope = .group(.root), schedule: TaskSchedule = .manually,
        settings: [String: ManagedValue] = ["text": .text("true")]
    ) throws -> ManagedTask {
        ManagedTask(
            TaskDefinition(
                id: .random(), revision: 1, name: name, application: .services, type: "run", settings: settings,
                timing: try TaskTiming(schedule)),
            scope: scope)
    }
}

extension StoreFixture {
    func makeTask(_ task: ManagedTask, claim: ReachClaim? = nil) async throws -> TaskRecord {
        switch try await store.createTask(task, claim: claim, principal: Self.administrator, now: Self.start) {
        case .done(let record): return record
        case .exceeded(let excess): throw FixtureError(description: "\(excess)")
        }
    }

    /// An order to run it now.
    func runOrder(
        _ task: TaskRecord, at time: Timestamp = start, expires: Duration = .hours(1),
        by principal: AuditPrincipal = administrator
    ) -> ActionOrderRecord {
        ActionOrderRecord(
            id: .random(), kind: .runTask, subject: .task(task.id, revision: task.task.definition.revision), created: time,
            expires: time + expires, principal: principal)
    }

    func run(_ task: TaskRecord, on devices: [DeviceID], expires: Duration = .hours(1)) async throws -> CreatedActions {
        switch try await store.orderRuns(runOrder(task, expires: expires), devices: devices, reach: nil) {
        case .done(let created): return created
        case .exceeded(let excess): throw FixtureError(description: "\(excess)")
        }
    }

    /// Events of a device's epoch 1, from `first` on.
    func say(_ reports: [(RunReport, Duration)], of device: DeviceID, from first: UInt64) async throws {
        let events = reports.enumerated().map { index, report in
            let event = report.0.event(name: "scan", occurred: Self.start + report.1)
            return StoredEventInput(
                sequence: first + UInt64(index), stamp: first + UInt64(index), type: event.type, severity: event.severity,
                text: event.text, parameters: event.parameters, occurred: event.occurred, occurredRaw: event.occurred)
        }
        let last = first + UInt64(reports.count) - 1
        let result = try await store.storeEvents(
            device: device, epoch: 1, expectedLast: first - 1, events: events, newPlace: .test(last),
            received: Self.start + .hours(1))
        guard case .stored = result else { throw FixtureError(description: "\(result)") }
    }
}

extension RunReport {
    static func test(
        _ run: RunID, of task: TaskRecord, isScheduled: Bool = false, end: End? = nil
    ) -> RunReport {
        RunReport(
            run: run, task: task.id, revision: task.task.definition.revision, application: .services, type: "run",
            isScheduled: isScheduled, end: end)
    }
}
