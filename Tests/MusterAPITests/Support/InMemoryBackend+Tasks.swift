import MusterModel
import MusterStore
import Synchronization

@testable import MusterServer

/// Tasks for the API's tests: devices are where their groups have them; nothing is said to any.
extension InMemoryBackend {
    func devices(of scope: TaskScope) async throws -> [DeviceID] {
        switch scope {
        case .group(let group):
            let groups = administration.tree.subtree(of: group)
            return policies.withLock { Array($0.groups.keys) }.filter { place(of: $0)?.group.map(groups.contains) ?? false }
        case .devices(let devices): return devices.filter { place(of: $0)?.group != nil }
        case .selection(let id):
            guard let text = try await store.fetchSelection(id)?.expression else { return [] }
            return devices(matching: try DeviceExpression(text), installed: [:]).filter { place(of: $0)?.group != nil }
        }
    }

    func taskChanged(_ task: ManagedTask) async throws {
        try await selectionsChanged()
        policies.withLock { $0.administration.setTasks { $0.set(task) } }
    }

    func newcomers(
        to tasks: Set<TaskID>, by change: ProspectiveChange, installed: [InstalledCondition: Set<DeviceID>]
    ) -> [DeviceID] {
        let manifests = with { $0.manifests }
        return policies.withLock { policies in
            let before = policies.administration
            let after = change.applied(to: before)
            return policies.groups.compactMap { device, known in
                let old = before.standing(of: known.facts, placement: known.placement, ownTags: known.tags, device: device)
                let new = change.standing(of: device, known.facts, placement: known.placement, tags: known.tags, under: after)
                let having = manifests[device] ?? [:]
                let have = before.given(tasks, to: old, with: having)
                return after.given(tasks, to: new, with: having).isSubset(of: have) ? nil : device
            }
        }
    }

    func taskRemoved(_ id: TaskID, cancelled: [ActionID]) { with { $0.tasksRemoved.append(id) } }

    func run(
        _ task: ManagedTask, on devices: [DeviceID], reach: DeviceReach?, expires: Timestamp, principal: AuditPrincipal
    ) async throws -> Reached<ActionOrderRecord> {
        let subject = ActionSubject.task(task.id, revision: task.definition.revision)
        let order = ActionOrderRecord(
            id: .random(), kind: .runTask, subject: subject, created: APIFixture.now, expires: expires, principal: principal)
        switch try await store.orderRuns(order, devices: devices, reach: reach) {
        case .done(let created): return .done(created.order)
        case .exceeded(let excess): return .exceeded(excess)
        }
    }

    func stop(_ run: RunRecord, expires: Timestamp, principal: AuditPrincipal) async throws {
        with { $0.stopped.append(run.id) }
        _ = try await store.cancelRun(run.id, principal: principal, now: APIFixture.now)
    }

    func standings(of device: DeviceID) -> [TaskID: TaskStanding] { with { $0.standings[device] ?? [:] } }
    func tasks(for device: DeviceID) async throws -> Set<TaskID> {
        var tasks: Set<TaskID> = []
        for task in administration.tasks.all.values where try await devices(of: task.scope).contains(device) {
            tasks.insert(task.id)
        }
        return tasks
    }

    func selectionsChanged() async throws {
        let selections = try await store.fetchSelectionTexts()
        policies.withLock { $0.administration.setTasks { $0.setSelections(selections) } }
    }

    func given(_ task: TaskDefinition, among devices: [DeviceID]) -> [DeviceID] {
        let manifests = with { $0.manifests }
        return devices.filter { administration.isGiven(task, toOneWith: manifests[$0] ?? [:]) }
    }
}
