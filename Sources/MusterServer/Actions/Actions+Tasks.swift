import MusterModel
import MusterStore
import MusterWire

/// Runs of tasks that somebody orders or stops.
extension Actions {
    /// - Parameters:
    ///   - payload: the task, as devices are told it.
    ///   - reach: of who orders it; nil: this type of task is not limited.
    func run(
        _ task: TaskDefinition, payload: [UInt8], on devices: [DeviceID], reach: DeviceReach?, expires: Timestamp,
        principal: AuditPrincipal
    ) async throws(StoreError) -> Reached<ActionOrderRecord> {
        let order = ActionOrderRecord(
            id: .random(), kind: .runTask, subject: .task(task.id, revision: task.revision), created: now(), expires: expires,
            principal: principal)
        switch try await store.orderRuns(order, devices: devices, reach: reach) {
        case .exceeded(let excess): return .exceeded(excess)
        case .done(let created):
            begin(created, payload: payload)
            return .done(created.order)
        }
    }

    /// A run that its device does not have yet is cancelled; another is stopped by an action.
    func stop(_ run: RunRecord, expires: Timestamp, principal: AuditPrincipal) async throws(StoreError) {
        let wasSaid: Bool
        switch try await store.cancelRun(run.id, principal: principal, now: now()) {
        case .cancelled: wasSaid = false
        // It may be at the device, which did not answer yet.
        case .cancelledAfterSaid: wasSaid = true
        case .notWaiting: wasSaid = true
        }
        ended([ActionID(run.id)])
        guard wasSaid else { return }
        let order = ActionOrderRecord(
            id: .random(), kind: .stopRun, subject: .run(run.id), created: now(), expires: expires, principal: principal)
        begin(try await store.createActions(order, devices: [run.device]))
    }
}

extension TaskDefinition {
    /// With its secrets open; nil when one cannot be opened any more.
    func opened(_ open: (SecretValue) -> SecretValue?) -> TaskDefinition? {
        var opened = self
        for (key, value) in settings {
            guard case .secret(let sealed) = value else { continue }
            guard let secret = open(sealed) else { return nil }
            opened.settings[key] = .secret(secret)
        }
        return opened
    }
}

extension Store {
    /// What the actions carry that have no end yet. One whose task cannot be read any more is left out, and expires.
    func payloads(
        of actions: [ActionRecord], open: (SecretValue) -> SecretValue?
    ) async throws(StoreError) -> [ActionSubject: [UInt8]] {
        var payloads: [ActionSubject: [UInt8]] = [:]
        for subject in Set(actions.map(\.subject)) {
            guard case .task(let task, let revision) = subject,
                let definition = try await fetchTask(task, revision: revision)?.definition.opened(open)
            else { continue }
            payloads[subject] = definition.payload
        }
        return payloads
    }
}
