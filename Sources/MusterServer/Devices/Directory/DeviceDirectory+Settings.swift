import MusterModel
import MusterSession
import MusterWire
import NIOCore
import Synchronization

/// What each device is to have in force, and what to tell whom when that changes.
extension DeviceDirectory {
    /// A desired document of a device; nil when there is no such device any more.
    func document(_ name: DocumentName, of id: DeviceID) -> Document? {
        state.withLock { state in
            guard let entry = state.devices[id] else { return nil }
            return state.documents(of: entry)[name]
        }
    }

    /// Pins or ports have changed. - Returns: what to tell to whom.
    func baseChanged(_ change: (inout AgentSettings) -> Void) -> [DesiredChange] {
        state.withLock { state in
            change(&state.base)
            state.desiredDocuments.forget()
            return state.devices.values.compactMap { state.desiredChange(of: $0) }
        }
    }

    /// *Do not disconnect* was ticked or unticked. - Returns: what to tell the device, when it is connected.
    func permanentConnectionChanged(_ id: DeviceID, since: Timestamp?) -> DesiredChange? {
        state.withLock { state in
            state.devices[id]?.permanentSince = since
            state.changed([.permanent], of: id)
            return state.devices[id].flatMap { state.desiredChange(of: $0) }
        }
    }

    /// Devices that are ticked, and of those that are connected now, all in force.
    var permanentlyConnected: Int {
        state.withLock { state in
            state.devices.values.count { $0.isPermanentlyConnected && $0.permanentSince != nil && !$0.isDeleted }
        }
    }
}

/// What an open session should hear of.
struct DesiredChange: Sendable {
    let channel: any Channel
    let desired: [DocumentName: Digest]
    let nextSynchronization: Duration
    /// The permanent connection is wanted.
    let isPermanent: Bool
    /// Somebody looks at the device.
    let isWatched: Bool

    func tell() {
        channel.pipeline.fireUserInboundEventTriggered(ConnectionOrder.desired(desired, next: nextSynchronization))
        channel.pipeline.fireUserInboundEventTriggered(ConnectionOrder.permanence(isPermanent))
        let period = isWatched ? DeviceStatistics.shortestPeriod : nil
        channel.pipeline.fireUserInboundEventTriggered(ConnectionOrder.statisticsWanted(every: period))
    }
}

extension DeviceDirectory.State {
    mutating func computed(for entry: DirectoryEntry) -> (key: ComputedSettings.Key, settings: ComputedSettings) {
        let key = ComputedSettings.Key(standing: entry.standing.place, own: entry.own)
        let (administration, base, open) = (administration, base, open)
        let settings = desiredDocuments.computed(key) { ComputedSettings(administration, key, base: base, open: open) }
        return (key, settings)
    }

    /// The Network Agent's.
    mutating func settings(of entry: DirectoryEntry) -> AgentSettings {
        var settings = computed(for: entry).settings.agent
        settings.isPermanent = entry.permanentSince != nil
        return settings
    }

    mutating func documents(of entry: DirectoryEntry) -> [DocumentName: Document] {
        let (key, computed) = computed(for: entry)
        return [
            .agent: desiredDocuments.document(settings(of: entry)),
            .settings: desiredDocuments.document(key, computed, for: Set(entry.applications.keys.compactMap(entry.manifest))),
            .tasks: tasks(of: entry),
        ]
    }

    /// Those that begin by themselves.
    mutating func tasks(of entry: DirectoryEntry) -> Document {
        let (place, manifests) = (entry.standing.taskPlace, entry.manifests)
        let (administration, open) = (administration, open)
        return desiredDocuments.tasks(place, manifests: manifests) {
            let tasks = administration.tasks(for: place).filter(\.isScheduled).map(\.definition)
            return Document(
                tasks: tasks.filter { administration.isGiven($0, toOneWith: manifests) }.compactMap { $0.opened(open) })
        }
    }

    mutating func desired(of entry: DirectoryEntry) -> [DocumentName: Digest] { documents(of: entry).mapValues(\.digest) }

    mutating func desiredChange(of entry: DirectoryEntry) -> DesiredChange? {
        guard let channel = entry.channel, !entry.isDeleted else { return nil }
        devices[entry.id]?.isToldOfChange = true
        var generator = SystemRandomNumberGenerator()
        let interval = settings(of: entry).syncInterval.duration
        return DesiredChange(
            channel: channel, desired: desired(of: entry),
            nextSynchronization: interval * Double.random(in: 0.9...1.1, using: &generator), isPermanent: entry.isPermanentWanted,
            isWatched: entry.watchers > 0)
    }
}
