package import MusterModel

/// How many of something may begin in a time: `rate` a second on average, `burst` at once. Time is given; a clock that jumps back adds
/// nothing.
package struct TokenBucket: Sendable {
    /// A day, in ms: what `wait` says of a bucket whose rate is nothing.
    private static let longestWait = 86_400_000.0

    package let rate: Double
    package let burst: Double
    private var tokens: Double
    private var updated: Timestamp

    package init(rate: Double, burst: Double, now: Timestamp) {
        self.rate = rate
        self.burst = burst
        tokens = burst
        updated = now
    }

    /// Takes one when there is one.
    package mutating func take(now: Timestamp) -> Bool {
        refill(now: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Until `take` would succeed; zero when it would now.
    package mutating func wait(now: Timestamp) -> Duration {
        refill(now: now)
        return tokens >= 1 ? .zero : .milliseconds(Int64(min((1 - tokens) / rate * 1000, Self.longestWait).rounded(.up)))
    }

    /// Nobody has taken any for so long that forgetting this bucket changes nothing.
    package func isFull(now: Timestamp) -> Bool {
        tokens + max(0, Double((now - updated).milliseconds)) / 1000 * rate >= burst
    }

    private mutating func refill(now: Timestamp) {
        let elapsed = max(0, Double((now - updated).milliseconds)) / 1000
        tokens = min(burst, tokens + elapsed * rate)
        updated = now
    }
}
