import Synchronization

/// The place of one connection: made when it is first needed, made anew after it was lost, at most once a second.
///
/// The lock is never waited for: the writer's thread alone uses the writer's slot, and a reader's slot is handed from thread to thread.
final class ConnectionSlot: Sendable {
    private struct State {
        var connection: (any DatabaseConnection)?
        var lastAttempt: ContinuousClock.Instant?
        var lastError: StoreError?
        var isClosed = false
    }

    private static let pause: Duration = .seconds(1)

    private let database: any Database
    private let purpose: ConnectionPurpose
    private let state = Mutex(State())

    init(_ database: any Database, for purpose: ConnectionPurpose) {
        self.database = database
        self.purpose = purpose
    }

    func use<Value: Sendable>(_ body: (any DatabaseConnection) throws(StoreError) -> Value) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            try body(try connection(of: &state))
        }
    }

    /// Opens nothing for it.
    func releaseMemory() {
        state.withLock { $0.connection?.releaseMemory() }
    }

    func close() {
        state.withLock { state in
            state.connection?.close()
            state.connection = nil
            state.isClosed = true
        }
    }

    private func connection(of state: inout State) throws(StoreError) -> any DatabaseConnection {
        if state.isClosed { throw .closed }
        if let connection = state.connection, connection.isUsable { return connection }
        state.connection?.close()
        state.connection = nil
        if let last = state.lastAttempt, let error = state.lastError, .now - last < Self.pause { throw error }
        state.lastAttempt = .now
        do throws(StoreError) {
            let connection = try database.connect(for: purpose)
            state.connection = connection
            state.lastError = nil
            return connection
        } catch {
            state.lastError = error
            throw error
        }
    }
}
