import MusterModel
import MusterServer
import MusterStore
import Synchronization

/// The running server as the API sees it, without one: memory, and a record of what it was told.
final class InMemoryBackend: APIBackend {
    struct State {
        var liveness: [DeviceID: DeviceLiveness] = [:]
        var unwritten: [ConnectionRecord] = []
        var deleted: [DeviceID] = []
        var tokenChanges = 0
        var intervals: [Duration] = []
        var readers: [AsyncStream<Int64>.Continuation] = []
        var facts = ServerStatusFacts(version: "1.0", started: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private let state = Mutex(State())
    let pins: [Fingerprint]

    init(pins: [Fingerprint]) { self.pins = pins }

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
    func deviceDeleted(_ device: DeviceID) async { state.withLock { $0.deleted.append(device) } }
    func enrolmentTokensChanged() { state.withLock { $0.tokenChanges += 1 } }
    func syncIntervalChanged(_ interval: Duration) { state.withLock { $0.intervals.append(interval) } }

    func eventsStored() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.readers.append(continuation) }
        return stream
    }

    func eventsCommitted(upTo position: Int64) {
        for reader in state.withLock({ $0.readers }) { reader.yield(position) }
    }
}
