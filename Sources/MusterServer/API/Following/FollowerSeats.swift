import Synchronization

/// Bounds how many follow events at a time. Each costs a connection and a query per commit: 100 followers at 10 commits a second are
/// 1,000 small indexed reads a second.
final class FollowerSeats: Sendable {
    let maximum: Int
    private let taken = Mutex(0)

    init(_ maximum: Int) { self.maximum = maximum }

    var count: Int { taken.withLock { $0 } }

    func take() -> Bool {
        taken.withLock { taken in
            guard taken < maximum else { return false }
            taken += 1
            return true
        }
    }

    func leave() { taken.withLock { $0 -= 1 } }
}
