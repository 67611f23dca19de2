package import MusterModel

/// When each device comes next: the interval, 10 % more or less, whichever of eight random moments has the fewest devices already, so
/// that the load stays flat, and becomes so again after everyone came at once: 10,000 devices every 15 minutes, 11 a second on average,
/// are 56 in the worst second after one interval, 20 after seven, 15 after fifteen (two moments: 25 after seven, 20 after fifteen).
/// Counts one number per second of the day ahead: 128 Ki entries of 2 bytes.
package struct SynchronizationSlots: Sendable {
    /// More than 24 hours + 10 % in seconds (95,040).
    private static let seconds = 1 << 17

    private static let moments = 8

    private var counts = [UInt16](repeating: 0, count: seconds)
    private var clearedThrough: Int64

    package init(now: Timestamp) { clearedThrough = now.milliseconds / 1000 }

    /// From now until the device's next synchronization, within ± 10 % of `interval`.
    package mutating func next(
        after interval: SyncInterval, now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        forgetPast(now: now)
        var chosen = Self.jittered(interval, using: &generator)
        for _ in 1..<Self.moments {
            let other = Self.jittered(interval, using: &generator)
            if load(at: now + other) < load(at: now + chosen) { chosen = other }
        }
        let slot = Self.slot(now + chosen)
        counts[slot] = counts[slot] &+ (counts[slot] == .max ? 0 : 1)
        return chosen
    }

    private static func jittered(_ interval: SyncInterval, using generator: inout some RandomNumberGenerator) -> Duration {
        interval.duration * Double.random(in: 0.9...1.1, using: &generator)
    }

    private func load(at time: Timestamp) -> UInt16 { counts[Self.slot(time)] }

    private static func slot(_ time: Timestamp) -> Int { Int((time.milliseconds / 1000) & Int64(seconds - 1)) }

    private mutating func forgetPast(now: Timestamp) {
        let second = now.milliseconds / 1000
        let passed = second - clearedThrough
        guard passed > 0 else { return }
        for past in (second - min(passed, Int64(Self.seconds)))..<second { counts[Int(past & Int64(Self.seconds - 1))] = 0 }
        clearedThrough = second
    }
}
