/// When to act on changes that come in bursts: a while after the last one, and at the latest a while after the first. Rules only.
///
/// dpkg writes its journal several times a second while it works: 300 ms are longer than its pauses, 1.5 s leave half a second of the
/// 2 seconds within which the server is to know.
struct Debounce: Hashable, Sendable {
    static let standardQuiet = Duration.milliseconds(300)
    static let standardCap = Duration.milliseconds(1500)

    private let quiet: Duration
    private let cap: Duration
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    init(quiet: Duration = standardQuiet, cap: Duration = standardCap) {
        self.quiet = quiet
        self.cap = cap
    }

    /// Nil while nothing waits.
    var deadline: ContinuousClock.Instant? {
        guard let first, let last else { return nil }
        return min(last + quiet, first + cap)
    }

    mutating func changeSeen(at now: ContinuousClock.Instant) {
        first = first ?? now
        last = now
    }

    /// Whether to act now; what waited is done with then.
    mutating func timePassed(to now: ContinuousClock.Instant) -> Bool {
        guard let deadline, deadline <= now else { return false }
        (first, last) = (nil, nil)
        return true
    }
}
