import MusterAPI
import MusterModel
import MusterStore
import MusterWire

extension ServerHouse: TaskBackend {
    func devices(of scope: TaskScope) async throws -> [DeviceID] {
        switch scope {
        case .group(let group): return context.directory.members(of: administration.tree.subtree(of: group))
        case .devices(let devices): return context.directory.managed(devices)
        case .selection(let id):
            guard let text = try await store.fetchSelection(id)?.expression, let expression = try? DeviceExpression(text) else {
                return []
            }
            let installed = try await store.devices(holding: expression.installedConditions)
            return context.directory.managed(devices(matching: expression, installed: installed))
        }
    }

    func taskChanged(_ task: ManagedTask) async throws {
        let (selections, installed) = try await selectionsAndWhatTheyAsk()
        follow(
            context.directory.taskChanged(task, selections: selections, installed: installed, now: context.now()))
    }

    func taskRemoved(_ id: TaskID, cancelled: [ActionID]) {
        context.actions.ended(cancelled)
        follow(context.directory.taskRemoved(id, now: context.now()))
    }

    func newcomers(
        to tasks: Set<TaskID>, by change: ProspectiveChange, installed: [InstalledCondition: Set<DeviceID>]
    ) -> [DeviceID] {
        context.directory.newcomers(to: tasks, by: change, installed: installed, now: context.now())
    }

    func selectionsChanged() async throws {
        let (selections, installed) = try await selectionsAndWhatTheyAsk()
        follow(context.directory.selectionsChanged(selections, installed: installed, now: context.now()))
    }

    /// What they begin to ask of inventories is looked up first.
    private func selectionsAndWhatTheyAsk() async throws -> (
        selections: [SelectionID: String], installed: [InstalledCondition: Set<DeviceID>]
    ) {
        let selections = try await store.fetchSelectionTexts()
        let asked = Set(selections.values.compactMap { try? DeviceExpression($0) }.flatMap(\.installedConditions))
        return (selections, try await store.devices(holding: asked.subtracting(context.directory.installedConditions)))
    }

    func run(
        _ task: ManagedTask, on devices: [DeviceID], reach: DeviceReach?, expires: Timestamp, principal: AuditPrincipal
    ) async throws -> Reached<ActionOrderRecord> {
        guard let definition = task.definition.opened({ secrets.open($0) }) else { throw Problem.secretLost }
        return try await context.actions.run(
            definition, payload: definition.payload, on: devices, reach: reach, expires: expires, principal: principal)
    }

    func stop(_ run: RunRecord, expires: Timestamp, principal: AuditPrincipal) async throws {
        try await context.actions.stop(run, expires: expires, principal: principal)
    }

    /// Seldom asked, so they are in the database alone.
    func standings(of device: DeviceID) async throws -> [TaskID: TaskStanding] {
        guard let body = try await store.documentBody(device: device, document: .taskStates),
            let standings = try? Document(encoded: body).boundedStandings()
        else { return [:] }
        return Dictionary(standings.map { ($0.task, $0) }) { _, last in last }
    }

    func given(_ task: TaskDefinition, among devices: [DeviceID]) -> [DeviceID] {
        context.directory.given(task, among: devices)
    }

    func tasks(for device: DeviceID) -> Set<TaskID> {
        guard let place = context.directory.standing(of: device)?.taskPlace else { return [] }
        return Set(administration.tasks(for: place).map(\.id))
    }
}
