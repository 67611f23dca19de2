import NIOPosix
import Synchronization

/// A few connections that only read, each with a thread. They see what was committed and never hold up the writer.
final class ReaderPool: Sendable {
    private struct State {
        var idle: [ConnectionSlot]
        var waiting = 0
        var isClosed = false
    }

    /// Reads in hand at once: more would only share the same processors.
    static let connections = 4
    /// Reads that may wait for a connection; past that the caller is told that the store is busy.
    static let waitingLimit = 1024

    private let slots: [ConnectionSlot]
    private let threads = NIOThreadPool(numberOfThreads: ReaderPool.connections)
    private let state: Mutex<State>

    init(_ database: any Database) {
        slots = (0..<Self.connections).map { _ in ConnectionSlot(database, for: .reading) }
        state = Mutex(State(idle: slots))
        threads.start()
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try enter()
        return try await withCheckedContinuation { continuation in
            threads.submit { _ in
                let result = Result { () throws(StoreError) in try self.use(body) }
                continuation.resume(returning: result)
            }
        }.get()
    }

    /// Of the connections that nobody reads on.
    func releaseMemory() async {
        for slot in slots {
            await withCheckedContinuation { continuation in
                threads.submit { _ in
                    self.releaseMemory(of: slot)
                    continuation.resume()
                }
            }
        }
    }

    func close() async {
        state.withLock { $0.isClosed = true }
        try? await threads.shutdownGracefully()
        for slot in slots { slot.close() }
    }

    /// Takes the connection meanwhile, as a read does: this thread uses no other. It goes back to its place, so that reads go on with the one
    /// that was used last.
    private func releaseMemory(of slot: ConnectionSlot) {
        let place: Int? = state.withLock { state in
            guard !state.isClosed, let place = state.idle.firstIndex(where: { $0 === slot }) else { return nil }
            state.idle.remove(at: place)
            return place
        }
        guard let place else { return }
        slot.releaseMemory()
        state.withLock { $0.idle.insert(slot, at: min(place, $0.idle.count)) }
    }

    private func enter() throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw .closed }
            if state.waiting >= Self.waitingLimit { throw .busy(waiting: state.waiting) }
            state.waiting += 1
        }
    }

    private func use<Value: Sendable>(
        _ body: @Sendable (any DatabaseConnection) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let slot = state.withLock { state in
            state.waiting -= 1
            return state.isClosed ? nil : state.idle.popLast()
        }
        // There are as many threads as connections.
        guard let slot else { throw .closed }
        defer { state.withLock { $0.idle.append(slot) } }
        do {
            return try slot.use(body)
        } catch  where error.code == .unavailable {
            // The connection was lost, perhaps long ago, and nobody noticed: a read may be done again, on a new one.
            return try slot.use(body)
        }
    }
}
