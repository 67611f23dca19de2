package import MusterModel

/// One token bucket per source address, for a bounded number of addresses: past it, those that are full again are forgotten, and if none
/// is, everyone new shares one bucket, so that a flood from many addresses cannot grow memory.
package struct SourceLimits: Sendable {
    private let rate: Double
    private let burst: Double
    private let maximumSources: Int
    private var buckets: [String: TokenBucket] = [:]
    private var shared: TokenBucket

    package init(rate: Double, burst: Double, maximumSources: Int = 10_000, now: Timestamp) {
        self.rate = rate
        self.burst = burst
        self.maximumSources = maximumSources
        shared = TokenBucket(rate: rate, burst: burst, now: now)
    }

    package mutating func take(from source: String, now: Timestamp) -> Bool {
        if buckets[source] == nil {
            if buckets.count >= maximumSources { buckets = buckets.filter { !$0.value.isFull(now: now) } }
            guard buckets.count < maximumSources else { return shared.take(now: now) }
        }
        return buckets[source, default: TokenBucket(rate: rate, burst: burst, now: now)].take(now: now)
    }

    /// True when the next `take` would be refused; takes nothing.
    package mutating func isExhausted(for source: String, now: Timestamp) -> Bool {
        buckets[source]?.wait(now: now) ?? .zero > .zero
    }
}
