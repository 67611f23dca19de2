import Synchronization

/// The port the server got, for those who must know it before it serves.
final class BoundPort: Sendable {
    private enum State {
        /// Can go to: known, failed.
        case waiting([CheckedContinuation<Int, any Error>])
        /// Can go to: nothing else.
        case known(Int)
        /// It ended before it listened. Can go to: nothing else.
        case failed(any Error)
    }

    private let state = Mutex(State.waiting([]))

    func value() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let answer: Result<Int, any Error>? = state.withLock { state in
                switch state {
                case .waiting(let others):
                    state = .waiting(others + [continuation])
                    return nil
                case .known(let port): return .success(port)
                case .failed(let error): return .failure(error)
                }
            }
            if let answer { continuation.resume(with: answer) }
        }
    }

    var isKnown: Bool {
        state.withLock { state in
            if case .known = state { true } else { false }
        }
    }

    func listening(on port: Int) { end(.known(port), .success(port)) }

    func failed(_ error: any Error) { end(.failed(error), .failure(error)) }

    private func end(_ new: State, _ result: Result<Int, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .waiting(let waiting) = state else { return [] }
            state = new
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
