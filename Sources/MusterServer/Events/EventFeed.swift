import Synchronization

/// Tells followers that events were stored, by the newest position after a commit. Each follower keeps the newest only and reads the
/// rest from the database, so a slow one costs nothing.
final class EventFeed: Sendable {
    private struct State {
        var readers: [UInt64: AsyncStream<Int64>.Continuation] = [:]
        var next: UInt64 = 0
        var stored: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Events stored since the start.
    var stored: UInt64 { state.withLock { $0.stored } }

    func publish(position: Int64, count: Int) {
        let readers = state.withLock { state in
            state.stored += UInt64(count)
            return Array(state.readers.values)
        }
        for reader in readers { reader.yield(position) }
    }

    func positions() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.readers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in self?.remove(number) }
        return stream
    }

    private func remove(_ number: UInt64) {
        let gone = state.withLock { $0.readers.removeValue(forKey: number) }
        withExtendedLifetime(gone) {}
    }
}
