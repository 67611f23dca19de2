/// How many signatures may be checked: at most `limit` in any second, however the seconds are cut. By the steady clock.
struct SignatureRate: Sendable {
    typealias Instant = ContinuousClock.Instant

    private let limit: Int
    /// The last `limit` checks, the oldest first.
    private var taken: [Instant] = []

    init(limit: Int) { self.limit = limit }

    /// Takes one when there is one.
    mutating func take(at now: Instant) -> Bool {
        if taken.count >= limit {
            guard let oldest = taken.first, now - oldest >= .seconds(1) else { return false }
            taken.removeFirst()
        }
        taken.append(now)
        return true
    }
}
