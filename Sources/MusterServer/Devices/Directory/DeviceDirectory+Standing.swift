import MusterModel
import MusterStore
import MusterWire
import Synchronization

/// Where devices stand among groups and policies: derived from facts each time one of them changes, and held beside them.
extension DeviceDirectory {
    /// Whom a change of `Administration` concerns.
    enum Affected: Sendable {
        /// Devices in these groups.
        case groups(Set<GroupID>)
        case devices(Set<DeviceID>)
        case all
    }

    /// What came of a change: open sessions to tell, and devices that are away and now lack something.
    struct Consequences: Sendable {
        var told: [DesiredChange] = []
        var away: [DeviceID] = []

        mutating func add(_ other: Consequences) {
            told += other.told
            away += other.away
        }
    }

    /// After commit. - Parameter affected: asked after the change, too, for groups that are new.
    func administrationChanged(
        now: Timestamp, affected: (Administration) -> Affected, _ change: (inout Administration) -> Void
    ) -> Consequences {
        let ids = state.withLock { state in
            let before = state.members(affected(state.administration))
            change(&state.administration)
            state.desiredDocuments.forget()
            return before.union(state.members(affected(state.administration)))
        }
        return stand(ids, now: now)
    }

    /// Who comes while others are looked at stands by what is in force, and is looked at once more in its turn.
    func stand(_ ids: Set<DeviceID>, now: Timestamp) -> Consequences {
        var consequences = Consequences()
        forEachPiece(of: ids) { state, piece in consequences.add(state.stand(piece, now: now)) }
        return consequences
    }

    /// Sessions wait while the lock is held: some 10 ms for so many devices.
    private static let piece = 250

    func forEachPiece(of ids: Set<DeviceID>, _ body: (inout State, ArraySlice<DeviceID>) -> Void) {
        var rest = Array(ids)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.piece)
            rest = rest.dropFirst(Self.piece)
            state.withLock { body(&$0, piece) }
        }
    }

    /// What is said of some devices has changed: their placement, tags, own values.
    func devicesChanged(_ ids: some Sequence<DeviceID>, now: Timestamp, _ change: (inout DirectoryEntry) -> Void) -> Consequences
    {
        state.withLock { state in
            Set(ids).reduce(into: Consequences()) { consequences, id in
                consequences.add(state.standAgain(id, now: now, change))
            }
        }
    }

    /// Facts of one device have changed by what it sent.
    func factsChanged(_ id: DeviceID, now: Timestamp, _ change: (inout DirectoryEntry) -> Void) -> DesiredChange? {
        devicesChanged(CollectionOfOne(id), now: now, change).told.first
    }

    /// What rules and profiles ask of inventories.
    var installedConditions: Set<InstalledCondition> { state.withLock { $0.administration.installedConditions } }

    func standing(of id: DeviceID) -> DeviceStanding? { state.withLock { $0.devices[id]?.standing } }

    /// A copy, for asking at length outside of the lock.
    var administration: Administration { state.withLock { $0.administration } }
}

extension DeviceDirectory.State {
    func members(_ affected: DeviceDirectory.Affected) -> Set<DeviceID> {
        switch affected {
        case .all: Set(devices.keys)
        case .devices(let ids): ids
        case .groups(let groups): groups.reduce(into: []) { $0.formUnion(byGroup[$1] ?? []) }
        }
    }

    /// Where these devices stand now, and what follows from it.
    mutating func stand(_ ids: some Sequence<DeviceID>, now: Timestamp) -> DeviceDirectory.Consequences {
        var consequences = DeviceDirectory.Consequences()
        for id in ids {
            guard var entry = devices[id], !entry.isDeleted else { continue }
            stand(&entry, now: now)
            devices[id] = entry
            if let change = desiredChange(of: entry) {
                consequences.told.append(change)
            } else if !entry.isRevoked, lacks(entry) {
                consequences.away.append(id)
            }
        }
        return consequences
    }

    /// - Returns: nothing where it goes on as it was.
    mutating func standAgain(
        _ id: DeviceID, now: Timestamp, _ change: (inout DirectoryEntry) -> Void = { _ in }
    ) -> DeviceDirectory.Consequences {
        guard var entry = devices[id] else { return DeviceDirectory.Consequences() }
        let before = desired(of: entry)
        change(&entry)
        devices[id] = entry
        let found = stand([id], now: now)
        guard let after = devices[id], desired(of: after) != before else { return DeviceDirectory.Consequences() }
        return found
    }

    /// What is often another, and seldom asked for by a rule or profile: then the device is looked at with the next beat.
    mutating func changed(_ fields: Set<DeviceField>, of id: DeviceID) {
        if !administration.askedFields.isDisjoint(with: fields) { deadlines.setSoon(id) }
    }

    /// Something is to be in force on it that it does not hold, as far as is known.
    mutating func lacks(_ entry: DirectoryEntry) -> Bool {
        if lacksTasks(entry) { return true }
        return Set(computed(for: entry).settings.parts.keys.map(\.application)).union([.networkAgent]).contains {
            delivery(of: $0, to: entry) == .pending
        }
    }

    /// An agent that knows no tasks holds other documents and never these.
    private mutating func lacksTasks(_ entry: DirectoryEntry) -> Bool {
        let wanted = tasks(of: entry).digest
        guard let held = entry.held[.tasks] else { return entry.held.isEmpty && wanted != Document.empty.digest }
        return held != wanted
    }

    /// - Returns: whether it stands elsewhere.
    @discardableResult
    mutating func stand(_ entry: inout DirectoryEntry, now: Timestamp) -> Bool {
        defer { judgeStatus(of: &entry, now: now) }
        let facts = entry.facts(now: now, server: attendance)
        let (old, new) = (entry.standing, standing(of: entry, facts))
        entry.standing = new
        if new.group != old.group {
            if let group = old.group { byGroup[group]?.remove(entry.id) }
            if let group = new.group { byGroup[group, default: []].insert(entry.id) }
        }
        if let time = administration.nextChange(for: facts) { deadlines.set(entry.id, time) }
        if administration.askedFields.contains(.state), let time = entry.presence.nextChange(server: attendance) {
            deadlines.set(entry.id, time)
        }
        return new != old
    }

    func standing(of entry: DirectoryEntry, _ facts: DeviceFacts) -> DeviceStanding {
        administration.standing(
            of: facts, placement: entry.placement, ownTags: entry.ownTags, device: entry.id)
    }
}
