import MusterModel
import MusterSession
import MusterWire
import NIOCore
import Synchronization

/// What the Network Agent on each device should do, and whom a change concerns.
extension DeviceDirectory {
    /// The desired document `agent` of a device; nil when there is no such device any more.
    func agentDocument(of id: DeviceID) -> Document? {
        state.withLock { state in state.devices[id].map { state.document(state.settings(of: $0)) } }
    }

    /// What holds for all devices has changed. - Returns: what to tell to whom.
    func settingsChanged(_ change: (inout AgentSettings) -> Void) -> [DesiredChange] {
        state.withLock { state in
            change(&state.settings)
            return state.devices.values.compactMap { state.desiredChange(of: $0) }
        }
    }

    /// *Do not disconnect* was ticked or unticked. - Returns: what to tell the device, when it is connected.
    func permanentConnectionChanged(_ id: DeviceID, since: Timestamp?) -> DesiredChange? {
        state.withLock { state in
            state.devices[id]?.permanentSince = since
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
    /// Differences between devices that are kept ready: interval, port and the like, not addresses.
    private static let maximumDocuments = 1024

    func settings(of entry: DirectoryEntry) -> AgentSettings {
        settings.with(entry.own, isPermanent: entry.permanentSince != nil)
    }

    mutating func document(_ settings: AgentSettings) -> Document {
        if let document = documents[settings] { return document }
        if documents.count >= Self.maximumDocuments { documents = [:] }
        let document = Document(settings)
        documents[settings] = document
        return document
    }

    mutating func desired(of entry: DirectoryEntry) -> [DocumentName: Digest] {
        [.agent: document(settings(of: entry)).digest]
    }

    mutating func desiredChange(of entry: DirectoryEntry) -> DesiredChange? {
        guard let channel = entry.channel, !entry.isDeleted else { return nil }
        var generator = SystemRandomNumberGenerator()
        let interval = settings(of: entry).syncInterval.duration
        return DesiredChange(
            channel: channel, desired: desired(of: entry),
            nextSynchronization: interval * Double.random(in: 0.9...1.1, using: &generator), isPermanent: entry.isPermanentWanted,
            isWatched: entry.watchers > 0)
    }
}
