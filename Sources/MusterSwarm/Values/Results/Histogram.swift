/// Durations counted in bounded memory: 16 steps for every doubling from 1 µs to an hour, so a percentile is at most 6 % too high.
package struct Histogram: Codable, Hashable, Sendable {
    private static let stepsPerDoubling = 16
    /// 2^32 µs are more than an hour.
    private static let doublings = 32

    private var counts = [UInt64](repeating: 0, count: stepsPerDoubling * doublings)
    package private(set) var count: UInt64 = 0
    package private(set) var maximum = Duration.zero

    package init() {}

    package mutating func record(_ duration: Duration) {
        counts[Self.step(of: duration)] += 1
        count += 1
        maximum = max(maximum, duration)
    }

    package mutating func merge(_ other: Histogram) {
        for (step, more) in other.counts.enumerated() where more > 0 { counts[step] += more }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The duration that so many of all did not exceed, as the upper end of its step; nil when nothing was recorded.
    /// - Parameter fraction: 0.99 for p99.
    package func percentile(_ fraction: Double) -> Duration? {
        guard count > 0 else { return nil }
        let wanted = UInt64((fraction * Double(count)).rounded(.up))
        var seen: UInt64 = 0
        for (step, more) in counts.enumerated() {
            seen += more
            if more > 0, seen >= wanted { return min(Self.upperEnd(of: step), maximum) }
        }
        return maximum
    }

    private static func step(of duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let microseconds = min(max(seconds, 0), 4000) * 1_000_000 + max(0, attoseconds) / 1_000_000_000_000
        let value = UInt64(max(1, microseconds))
        let doubling = 63 - value.leadingZeroBitCount
        let inside = ((value - (1 << doubling)) * UInt64(stepsPerDoubling)) >> doubling
        return min(doubling, doublings - 1) * stepsPerDoubling + Int(inside)
    }

    private static func upperEnd(of step: Int) -> Duration {
        let base = Double(UInt64(1) << (step / stepsPerDoubling))
        let microseconds = base * (1 + Double(step % stepsPerDoubling + 1) / Double(stepsPerDoubling))
        return .nanoseconds(Int64(microseconds * 1000))
    }
}
