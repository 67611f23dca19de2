package import MusterModel
import Synchronization

/// The time as a test says it is, for one machine: server and device have one each, and they need not agree.
///
/// What sleeps by it wakes when it is moved on; putting the clock itself right or wrong wakes nobody, as with a real one.
package final class VirtualClock: Sendable {
    private struct Sleeper {
        var until: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var time: Timestamp
        /// Since the beginning, whatever the clock was set to.
        var passed = Duration.zero
        var sleepers: [UInt64: Sleeper] = [:]
        var next: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(_ time: Timestamp) { state = Mutex(State(time: time)) }

    package var now: Timestamp { state.withLock { $0.time } }

    /// How many sleep by it now.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Time passes.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.time = state.time + duration
            state.passed += duration
            let due = state.sleepers.filter { $0.value.until <= state.passed }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Somebody sets the clock; no time passes.
    package func set(to time: Timestamp) { state.withLock { $0.time = time } }

    /// - Throws: `CancellationError`.
    package func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.sleepers[number] = Sleeper(until: state.passed + duration, continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
