import MusterModel

/// The tasks there are, by whom they are for. A value in `Administration`.
struct StandingTasks: Hashable, Sendable {
    private(set) var all: [TaskID: ManagedTask] = [:]
    /// Since the start.
    private var removed: Set<TaskID> = []
    private var byGroup: [GroupID: Set<TaskID>] = [:]
    private var byDevice: [DeviceID: Set<TaskID>] = [:]
    private var bySelection: [SelectionID: Set<TaskID>] = [:]
    /// Nil for one that is not understood: it gives no device.
    private var selections: [SelectionID: DeviceExpression?] = [:]

    /// Changes may be told in another order than they were committed: what is older than what is here, or was deleted, is no news.
    mutating func set(_ task: ManagedTask) {
        let isNews = all[task.id].map { $0.definition.revision <= task.definition.revision } ?? true
        guard !removed.contains(task.id), isNews else { return }
        take(task.id)
        all[task.id] = task
        switch task.scope {
        case .group(let group): byGroup[group, default: []].insert(task.id)
        case .selection(let selection): bySelection[selection, default: []].insert(task.id)
        case .devices(let devices): for device in devices { byDevice[device, default: []].insert(task.id) }
        }
    }

    mutating func remove(_ id: TaskID) {
        removed.insert(id)
        take(id)
    }

    private mutating func take(_ id: TaskID) {
        guard let task = all.removeValue(forKey: id) else { return }
        func without(_ tasks: Set<TaskID>?) -> Set<TaskID>? {
            let rest = tasks?.subtracting([id]) ?? []
            return rest.isEmpty ? nil : rest
        }
        switch task.scope {
        case .group(let group): byGroup[group] = without(byGroup[group])
        case .selection(let selection): bySelection[selection] = without(bySelection[selection])
        case .devices(let devices): for device in devices { byDevice[device] = without(byDevice[device]) }
        }
    }

    /// All device selections there are.
    mutating func setSelections(_ texts: [SelectionID: String]) { selections = texts.mapValues { try? DeviceExpression($0) } }

    mutating func setSelection(_ id: SelectionID, _ expression: DeviceExpression) { selections[id] = expression }

    /// What tasks ask of devices.
    var conditions: [DeviceExpression] { bySelection.keys.compactMap { selections[$0] ?? nil } }

    /// Of a selection that tasks are for.
    func condition(of selection: SelectionID) -> DeviceExpression? { selections[selection] ?? nil }

    /// Those that are for a device by a selection or by its name.
    func choosing(_ facts: DeviceFacts, _ device: DeviceID?) -> Set<TaskID> {
        var chosen = device.flatMap { byDevice[$0] } ?? []
        for (selection, tasks) in bySelection where condition(of: selection)?.matches(facts) ?? false { chosen.formUnion(tasks) }
        return chosen
    }

    func of(groups: [GroupID], chosen: Set<TaskID>) -> [ManagedTask] {
        groups.reduce(into: chosen) { $0.formUnion(byGroup[$1] ?? []) }.compactMap { all[$0] }
    }

    /// Whether a task is for a device that stands there.
    func isMeant(_ id: TaskID, groups: [GroupID], chosen: Set<TaskID>) -> Bool {
        chosen.contains(id) || groups.contains { byGroup[$0]?.contains(id) ?? false }
    }

    /// Whether a change of these selections may concern somebody.
    func areUsed(_ selections: Set<SelectionID>) -> Bool { !selections.isDisjoint(with: bySelection.keys) }
}

extension Administration {
    /// Whether a device is given a task that is for it: what a connector's manifest says is inert until that manifest was accepted.
    /// - Parameter manifests: of others, that the device has.
    func isGiven(_ task: TaskDefinition, toOneWith manifests: [ApplicationID: Digest]) -> Bool {
        guard ApplicationManifest.builtIn(task.application) == nil else { return true }
        guard let digest = manifests[task.application],
            let manifest = catalogue.manifest(ManifestKey(task.application, digest: digest)), let type = manifest.task(task.type)
        else { return false }
        return (try? manifest.check(task.settings, ofTask: type)) != nil
    }

    /// Devices a task is for, or may be.
    func reach(of scope: TaskScope?) -> DeviceDirectory.Affected {
        switch scope {
        case nil: .groups([])
        case .group(let group): .groups(tree.subtree(of: group))
        case .selection: .all
        case .devices(let devices): .devices(Set(devices))
        }
    }
}
