import MusterModel
import MusterStore
import Synchronization

/// Who is there, and who is not and why.
extension DeviceDirectory {
    /// Word from a device that it goes away, checked to be its own and its newest.
    func noticeReceived(_ id: DeviceID, _ notice: AbsenceNotice) {
        change(id) { $0.noticeReceived(notice) }
    }

    /// The event `agent-started`, in the order of the device's events.
    func agentStarted(_ id: DeviceID) { change(id) { $0.agentStarted() } }

    func refused(_ id: DeviceID, _ reason: CloseReason, now: Timestamp) { change(id) { $0.refused(reason, now: now) } }

    private func change(_ id: DeviceID, _ body: (inout DevicePresence) -> Void) {
        state.withLock { state in
            guard var presence = state.devices[id]?.presence else { return }
            body(&presence)
            state.devices[id]?.presence = presence
            state.dirty.insert(id)
            state.changed([.state], of: id)
        }
    }

    /// To be said every few seconds. - Returns: what follows where time, or who is there, made another rule or profile hold.
    func beat(now: Timestamp) -> Consequences {
        let due = state.withLock { state in
            state.attendance.beat(now: now)
            return state.deadlines.take(until: now)
        }
        var consequences = Consequences()
        forEachPiece(of: due) { state, piece in
            for id in piece { consequences.add(state.standAgain(id, now: now)) }
        }
        return consequences
    }

    /// Nil for a device that is not known or was deleted.
    func status(of id: DeviceID, now: Timestamp) -> ConnectionStatus? {
        state.withLock { state in
            guard let entry = state.devices[id], !entry.isDeleted else { return nil }
            return entry.status(now: now, server: state.attendance)
        }
    }

    /// How many devices are in each state; states that none is in are left out. Looks at every device (about 20 ms for 100,000), every 2 s at
    /// most: sessions wait meanwhile.
    func countByState(now: Timestamp) -> [ConnectionState: Int] {
        state.withLock { state in
            if let counted = state.counted, now >= counted.at, now - counted.at < .seconds(2) { return counted.states }
            var counts = [Int](repeating: 0, count: ConnectionState.allCases.count)
            for entry in state.devices.values where !entry.isDeleted {
                counts[entry.status(now: now, server: state.attendance).state.rawValue] += 1
            }
            let states = Dictionary(uniqueKeysWithValues: zip(ConnectionState.allCases, counts)).filter { $0.value > 0 }
            state.counted = (now, states)
            return states
        }
    }

    /// Looks at every device.
    func devices(in wanted: ConnectionState, now: Timestamp) -> [DeviceID] {
        state.withLock { state in
            state.devices.values.compactMap { entry in
                let isThat = !entry.isDeleted && entry.status(now: now, server: state.attendance).state == wanted
                return isThat ? entry.id : nil
            }
        }
    }
}

extension DirectoryEntry {
    func status(now: Timestamp, server: ServerAttendance) -> ConnectionStatus {
        var isPermanent = false
        if let permanentSince, let lastSynchronization { isPermanent = lastSynchronization >= permanentSince }
        return presence.status(now: now, server: server, isPermanent: isPermanent)
    }
}

extension DeviceDirectory.State {
    /// What a device is told now.
    mutating func promise(to entry: DirectoryEntry, due: Timestamp) -> SynchronizationPromise {
        SynchronizationPromise(due: due, interval: settings(of: entry).syncInterval.duration, era: attendance.era)
    }
}

extension DevicePresence {
    /// As the database has it. By what interval the device was told to come is not stored, and shows in when: within 10 %.
    init(_ record: DeviceRecord, interval: SyncInterval) {
        var promise: SynchronizationPromise?
        if let last = record.lastConnection {
            let due = record.nextSynchronization ?? last + interval.duration
            // A permanent connection may have begun long ago.
            let told = SyncInterval(checking: due - max(last, record.lastSynchronization ?? last)) ?? interval
            promise = SynchronizationPromise(due: due, interval: told.duration, era: 0)
        }
        self.init(
            enrolled: record.created, lastConnection: record.lastConnection, lastClosed: record.lastClosed,
            absence: record.absence, promise: promise)
    }
}
