import MusterModel
import MusterWire
import Synchronization

/// What tasks do to devices, as far as it is known here.
extension DeviceDirectory {
    /// After commit. - Parameter installed: which devices have what its selection asks of inventories that was not asked before.
    func taskChanged(
        _ task: ManagedTask, selections: [SelectionID: String], installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> Consequences {
        tasksChanged(installed, now: now, affected: { $0.reach(of: $0.tasks.all[task.id]?.scope) }) { tasks in
            tasks.setSelections(selections)
            tasks.set(task)
        }
    }

    func taskRemoved(_ id: TaskID, now: Timestamp) -> Consequences {
        tasksChanged([:], now: now, affected: { $0.reach(of: $0.tasks.all[id]?.scope) }) { $0.remove(id) }
    }

    func selectionsChanged(
        _ selections: [SelectionID: String], installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> Consequences {
        tasksChanged(installed, now: now, affected: { $0.tasks.conditions.isEmpty ? .groups([]) : .all }) {
            $0.setSelections(selections)
        }
    }

    private func tasksChanged(
        _ installed: [InstalledCondition: Set<DeviceID>], now: Timestamp, affected: (Administration) -> Affected,
        _ change: (inout StandingTasks) -> Void
    ) -> Consequences {
        state.withLock { state in
            for (condition, having) in installed {
                for id in having { state.devices[id]?.known.installed.insert(condition) }
            }
        }
        return administrationChanged(now: now, affected: affected) { $0.setTasks(change) }
    }

    /// Of these, those that are in a group.
    func managed(_ ids: some Sequence<DeviceID>) -> [DeviceID] {
        state.withLock { state in
            ids.filter { id in state.devices[id].map { !$0.isDeleted && $0.standing.group != nil } ?? false }
        }
    }

    /// Of these, those that are given it.
    func given(_ task: TaskDefinition, among ids: [DeviceID]) -> [DeviceID] {
        guard ApplicationManifest.builtIn(task.application) == nil else { return ids }
        return state.withLock { state in
            ids.filter { id in
                state.devices[id].map { state.administration.isGiven(task, toOneWith: $0.manifests) } ?? false
            }
        }
    }

    func members(of groups: Set<GroupID>) -> [DeviceID] {
        managed(state.withLock { $0.members(.groups(groups)) })
    }

    /// What events of a device said, in their order.
    func runsEnded(_ outcomes: [(task: TaskID, state: RunState)], of id: DeviceID, now: Timestamp) {
        guard !outcomes.isEmpty else { return }
        state.withLock { state in
            for (task, outcome) in outcomes {
                if outcome.isFailure {
                    // Those of tasks that never were count for nothing, and are not kept.
                    if state.administration.tasks.all[task] != nil { state.devices[id]?.failedTasks.insert(task) }
                } else {
                    state.devices[id]?.failedTasks.remove(task)
                }
            }
            state.judgeStatus(of: id, now: now)
        }
    }
}
