import Synchronization

/// What a follower's writer, its heartbeat and the news of commits tell each other.
final class FollowerBeat: Sendable {
    private struct State {
        var writingSince: ContinuousClock.Instant?
        var due = false
        var committed: Int64 = 0
    }

    private let state = Mutex(State())

    /// Everything up to here was committed when it was heard of.
    var committed: Int64 { state.withLock { $0.committed } }

    func heard(of position: Int64) { state.withLock { $0.committed = max($0.committed, position) } }

    func writeBegan() { state.withLock { $0.writingSince = .now } }

    func writeEnded() { state.withLock { $0.writingSince = nil } }

    /// Whether a heartbeat is due, once.
    func takeDue() -> Bool {
        state.withLock { state in
            defer { state.due = false }
            return state.due
        }
    }

    /// Makes a heartbeat due; true when a write has been waiting longer than `limit`.
    func isStuck(for limit: Duration) -> Bool {
        state.withLock { state in
            state.due = true
            return state.writingSince.map { $0.duration(to: .now) > limit } ?? false
        }
    }
}
