import MusterModel
import MusterStore
import Synchronization

/// Devices chosen by what they are, and what a change of groups or rules makes of them.
extension DeviceDirectory {
    /// A copy of everything that expressions ask, so that nothing is asked at length within the lock.
    private var asked: (devices: [DirectoryEntry], administration: Administration, attendance: ServerAttendance) {
        state.withLock { state in
            (state.devices.values.filter { !$0.isDeleted }, state.administration, state.attendance)
        }
    }

    func countByGroup() -> [GroupID?: Int] {
        state.withLock { state in
            state.devices.values.reduce(into: [:]) { counts, entry in
                if !entry.isDeleted { counts[entry.standing.group, default: 0] += 1 }
            }
        }
    }

    func devices(
        matching expression: DeviceExpression, installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> [DeviceID] {
        let (devices, administration, attendance) = asked
        var paths: [GroupID: GroupPath] = [:]
        return devices.compactMap { entry in
            var facts = entry.facts(now: now, server: attendance)
            if let group = entry.standing.group {
                let path = paths[group] ?? GroupPath(names: administration.tree.names(to: group))
                paths[group] = path
                facts.group = path
            }
            facts.installed = Set(installed.filter { $0.value.contains(entry.id) }.keys)
            return expression.matches(facts) ? entry.id : nil
        }
    }

    func changes(
        by rules: [DeviceRule], installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> [PlaceChange] {
        let (devices, inForce, attendance) = asked
        var administration = inForce
        administration.setRules(rules)
        return devices.compactMap { entry in
            var facts = entry.facts(now: now, server: attendance)
            facts.installed.formUnion(installed.filter { $0.value.contains(entry.id) }.keys)
            let standing = administration.standing(of: facts, placement: entry.placement, ownTags: entry.ownTags)
            guard standing.group != entry.standing.group || standing.tags != entry.standing.tags else { return nil }
            return PlaceChange(
                device: entry.id, name: entry.known.name, from: DevicePlace(entry),
                to: DevicePlace(group: standing.group, tags: standing.tags))
        }
    }

    func newcomers(
        to tasks: Set<TaskID>, by change: ProspectiveChange, installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> [DeviceID] {
        let (devices, before, attendance) = asked
        let after = change.applied(to: before)
        return devices.compactMap { entry in
            guard change.concerns(entry.id) else { return nil }
            var facts = entry.facts(now: now, server: attendance)
            facts.installed.formUnion(installed.filter { $0.value.contains(entry.id) }.keys)
            let standing = change.standing(
                of: entry.id, facts, placement: entry.placement, tags: entry.ownTags, under: after)
            let have = before.given(tasks, to: entry.standing, with: entry.manifests)
            return after.given(tasks, to: standing, with: entry.manifests).isSubset(of: have) ? nil : entry.id
        }
    }

    /// After commit. - Parameter installed: which devices have what the new rules ask of inventories that was not asked before.
    func rulesChanged(
        _ rules: [DeviceRule], installed: [InstalledCondition: Set<DeviceID>], now: Timestamp
    ) -> Consequences {
        let ids = state.withLock { state in
            state.administration.setRules(rules)
            let wanted = state.administration.installedConditions
            for (condition, having) in installed where wanted.contains(condition) {
                for id in having { state.devices[id]?.known.installed.insert(condition) }
            }
            state.desiredDocuments.forget()
            return Set(state.devices.keys)
        }
        return stand(ids, now: now)
    }

    /// After commit. A group that is new concerns no device.
    /// - Parameter policies: those that have followed: at once with their groups, so that no profile ceases to hold in between.
    func groupsChanged(
        _ groups: [AdministrationGroup], defaultGroup: GroupID?, policies: [Policy] = [],
        selections: [SelectionID: String]? = nil, now: Timestamp
    ) -> Consequences {
        let before = administration
        let new = GroupTree(groups)
        let isOnlyMore = before.defaultGroup == defaultGroup && before.tree.all.allSatisfy { new[$0.id] == $0 }
        return administrationChanged(now: now, affected: { _ in isOnlyMore ? .groups([]) : .all }) { administration in
            administration.setTree(groups)
            administration.setDefaultGroup(defaultGroup)
            for policy in policies { administration.set(policy) }
            if let selections { administration.setTasks { $0.setSelections(selections) } }
        }
    }

    /// After commit. What was read earlier than what is known changes nothing.
    func devicesEdited(_ records: [DeviceRecord], now: Timestamp) -> Consequences {
        let read = Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
        return devicesChanged(read.keys, now: now) { entry in
            guard let record = read[entry.id], record.revision >= entry.revision else { return }
            entry.revision = record.revision
            entry.known.name = record.name
            entry.placement = record.placement
            entry.ownTags = Set(record.tags)
            entry.own = record.values
        }
    }
}

extension DevicePlace {
    init(_ entry: DirectoryEntry) {
        self.init(
            group: entry.standing.group, tags: entry.standing.tags, status: entry.deviceStatus,
            statusSince: entry.statusCourse?.since)
    }
}
