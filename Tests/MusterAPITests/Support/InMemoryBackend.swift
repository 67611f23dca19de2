import MusterModel
import MusterServer
import MusterSession
import MusterStore
import Synchronization

/// The running server as the API sees it, without one: memory, and a record of what it was told.
final class InMemoryBackend: APIBackend {
    struct State {
        var liveness: [DeviceID: DeviceLiveness] = [:]
        var unwritten: [ConnectionRecord] = []
        var deleted: [DeviceID] = []
        var revoked: [DeviceID] = []
        var tokenChanges = 0
        var requestOutcome = ConnectionRequestOutcome.noAnswer
        /// Devices whose box was ticked (true) or unticked.
        var ticked: [DeviceID: Bool] = [:]
        /// Positions of events the server stored itself.
        var eventPositions: [Int64] = []
        var mayWatch = true
        var statistics: [DeviceID: DeviceStatistics] = [:]
        /// Of others, that devices have.
        var manifests: [DeviceID: [ApplicationID: Digest]] = [:]
        var standings: [DeviceID: [TaskID: TaskStanding]] = [:]
        var stopped: [RunID] = []
        var tasksRemoved: [TaskID] = []
        var copied: [CopiedDevice] = []
        var split: [DeviceID] = []
        var readers: [AsyncStream<Int64>.Continuation] = []
        var facts = ServerStatusFacts(version: "1.0", started: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private let state = Mutex(State())
    let policies = Mutex(Policies())
    let pins: [Fingerprint]
    /// For what the real one stores before it acts.
    let store: Store

    init(pins: [Fingerprint], store: Store) {
        self.pins = pins
        self.store = store
    }

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> Value { state.withLock(body) }

    func liveness(of device: DeviceID) -> DeviceLiveness? { state.withLock { $0.liveness[device] } }
    func devices(in wanted: ConnectionState) -> [DeviceID] {
        state.withLock { $0.liveness.filter { $0.value.status?.state == wanted }.map(\.key) }
    }

    func unwrittenConnections(of device: DeviceID) -> [ConnectionRecord] {
        state.withLock { $0.unwritten.filter { $0.device == device } }
    }

    func lastRefusal(of device: DeviceID) -> ConnectionRecord? {
        unwrittenConnections(of: device).filter(\.isRefusal).max { $0.number < $1.number }
    }

    func status() -> ServerStatusFacts { state.withLock { $0.facts } }
    func requestConnection(of device: DeviceID) async -> ConnectionRequestOutcome { state.withLock { $0.requestOutcome } }
    func deviceRevoked(_ device: DeviceID) async { state.withLock { $0.revoked.append(device) } }
    func deviceDeleted(_ device: DeviceID) async { state.withLock { $0.deleted.append(device) } }
    func enrolmentTokensChanged() { state.withLock { $0.tokenChanges += 1 } }

    func permanentConnectionChanged(_ device: DeviceID, since: Timestamp?, event position: Int64?) {
        state.withLock { $0.ticked[device] = since != nil }
        if let position { eventStored(at: position) }
    }

    func copiedDevices() -> [CopiedDevice] { state.withLock { $0.copied } }
    func copiesSplit(_ device: DeviceID, until end: Timestamp) { state.withLock { $0.split.append(device) } }
    func copiesForgotten(_ device: DeviceID) { state.withLock { $0.copied.removeAll { $0.device == device } } }

    func eventStored(at position: Int64) { state.withLock { $0.eventPositions.append(position) } }

    func order(
        _ kind: ActionKind, for devices: [DeviceID]?, expires: Timestamp, principal: AuditPrincipal
    ) async throws -> ActionOrderRecord {
        let order = ActionOrderRecord(id: .random(), kind: kind, created: .now(), expires: expires, principal: principal)
        return try await store.createActions(order, devices: devices).order
    }

    func cancel(_ order: ActionOrderID, principal: AuditPrincipal) async throws -> Int? {
        try await store.cancelActions(order, principal: principal, now: .now())?.count
    }

    func watchBegan(_ device: DeviceID) async -> Bool { state.withLock { $0.mayWatch } }
    func watchEnded(_ device: DeviceID) {}
    func statistics(of device: DeviceID) -> DeviceStatistics? { state.withLock { $0.statistics[device] } }

    func eventsStored() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.readers.append(continuation) }
        return stream
    }

    func eventsCommitted(upTo position: Int64) {
        for reader in state.withLock({ $0.readers }) { reader.yield(position) }
    }
}
