package import MusterModel

/// One token bucket per source address, for a bounded number of addresses: past it, those that are full again are forgotten, and if none
/// is, everyone new shares one bucket, so that a flood from many addresses cannot grow memory.
package struct SourceLimits: Sendable {
    private let rate: Double
    private let burst: Double
    private let maximumSources: Int
    private var buckets: [String: TokenBucket] = [:]
    private var shared: TokenBucket
    private var nextForgetting: Timestamp

    package init(rate: Double, burst: Double, maximumSources: Int = 10_000, now: Timestamp) {
        self.rate = rate
        self.burst = burst
        self.maximumSources = maximumSources
        shared = TokenBucket(rate: rate, burst: burst, now: now)
        nextForgetting = now
    }

    package mutating func take(from source: String, now: Timestamp) -> Bool {
        if buckets[source] == nil {
            forgetFull(now: now)
            guard buckets.count < maximumSources else { return shared.take(now: now) }
        }
        return buckets[source, default: TokenBucket(rate: rate, burst: burst, now: now)].take(now: now)
    }

    /// Looks through all of them, so at most once a second.
    private mutating func forgetFull(now: Timestamp) {
        guard buckets.count >= maximumSources, now >= nextForgetting || now < nextForgetting - .seconds(1) else { return }
        nextForgetting = now + .seconds(1)
        buckets = buckets.filter { !$0.value.isFull(now: now) }
    }

    /// True when the next `take` would be refused; takes nothing.
    package mutating func isExhausted(for source: String, now: Timestamp) -> Bool {
        if buckets[source] != nil || buckets.count < maximumSources { return buckets[source]?.wait(now: now) ?? .zero > .zero }
        return shared.wait(now: now) > .zero
    }
}
