import Synchronization

/// Lets one change in at a time, in the order in which they came, from the reckoning of whom it would bring tasks until memory has followed it.
///
/// Whom a change reaches is reckoned in memory, which follows the database: two changes that are nothing each, as a tag that no task asks for and
/// a selection that no device is in, may be much together. Who waits is one request of a connection, of which there are so many at most
/// as the API takes; who is in works with a body that has come already, so nobody holds the others up by sending slowly.
final class ChangeTurn: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    func take<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        await begin()
        defer { end() }
        return try await body()
    }

    private func begin() async {
        await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isMine { continuation.resume() }
        }
    }

    /// It goes to the next without being free in between.
    private func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

extension Route {
    /// Its body is taken first.
    func oneAtATime(_ turn: ChangeTurn) -> Route {
        let handle = handle
        return Route(method, path, access, query: query) { call in
            let call = try await call.withWholeBody()
            return try await turn.take { try await handle(call) }
        }
    }
}
