import Synchronization
import Testing

/// Runs at most a few of the tests that start servers at once: more of them only wait for each other on two cores, and run into bounds.
struct FewAtATime: SuiteTrait, TestTrait, TestScoping {
    private static let seats = Seats(count: 4)

    let isRecursive = true

    /// Each test, not the suite around it.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Self.seats.take()
        defer { Self.seats.leave() }
        try await function()
    }

    /// So many may be taken; others wait in order.
    private final class Seats: Sendable {
        private struct State {
            var free: Int
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state: Mutex<State>

        init(count: Int) { state = Mutex(State(free: count)) }

        func take() async {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append(continuation)
                    return false
                }
                if isFree { continuation.resume() }
            }
        }

        func leave() {
            let next = state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.free += 1
                    return nil as CheckedContinuation<Void, Never>?
                }
                return state.waiting.removeFirst()
            }
            next?.resume()
        }
    }
}

extension Trait where Self == FewAtATime {
    static var fewAtATime: Self { Self() }
}
