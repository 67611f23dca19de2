import Glibc
import Synchronization
import Testing

extension Trait where Self == ConditionTrait {
    /// For labs: only root makes networks and boots systems in them.
    static var needsRoot: Self { .enabled("this test needs root: it boots systems in networks of their own") { geteuid() == 0 } }
}

/// One lab at a time: each already boots its machines at once.
struct OneAtATime: SuiteTrait, TestTrait, TestScoping {
    private static let turns = Turns()

    let isRecursive = true

    /// Each test, not the suite around it.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Self.turns.take()
        defer { Self.turns.leave() }
        try await function()
    }

    private final class Turns: Sendable {
        private struct State {
            var isTaken = false
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())

        func take() async {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    guard state.isTaken else {
                        state.isTaken = true
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
                    state.isTaken = false
                    return nil as CheckedContinuation<Void, Never>?
                }
                return state.waiting.removeFirst()
            }
            next?.resume()
        }
    }
}

extension Trait where Self == OneAtATime {
    static var oneAtATime: Self { Self() }
}
