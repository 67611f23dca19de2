/// A run that is to be: what it is planned for, and when it starts.
package struct PlannedRun: Hashable, Sendable {
    /// What the schedule says; runs of a task are told apart by it.
    package let planned: Timestamp
    /// With the random delay.
    package let start: Timestamp
}

extension TaskTiming {
    /// The first run planned after an instant, as `TaskSchedule.next`; after the last one that was started or given up.
    /// - Parameter seed: of this task on this device, and always the same, so that a delay is not drawn anew by an agent that starts anew.
    package func next(
        after instant: Timestamp, in zone: ZoneRules, since anchor: Timestamp, seed: UInt64
    ) -> PlannedRun? {
        schedule.next(after: instant, in: zone, since: anchor).map { run(planned: $0, in: zone, seed) }
    }

    /// The one run to be caught up on when nobody looked between two instants, however many were planned: the last of them. None when
    /// missed runs are not to be run; and none when the last still waits for its random delay to pass, as it comes anyway.
    /// - Parameters:
    ///   - from: what was planned until then was started or given up.
    ///   - now: now.
    package func missed(
        from: Timestamp, to now: Timestamp, in zone: ZoneRules, since anchor: Timestamp, seed: UInt64
    ) -> PlannedRun? {
        guard runsMissed, let last = schedule.last(through: now, in: zone, since: anchor), last > from else { return nil }
        let run = run(planned: last, in: zone, seed)
        return run.start <= now ? PlannedRun(planned: last, start: now) : nil
    }

    private func run(planned: Timestamp, in zone: ZoneRules, _ seed: UInt64) -> PlannedRun {
        var bound = randomDelay
        if let following = schedule.next(after: planned, in: zone, since: planned) { bound = min(bound, following - planned) }
        return PlannedRun(planned: planned, start: planned + Self.delay(below: bound, of: planned, seed))
    }

    /// Evenly from 0 to the bound, which it does not reach: the highest bits of a word in which seed and time are stirred (SplitMix64).
    private static func delay(below bound: Duration, of planned: Timestamp, _ seed: UInt64) -> Duration {
        var word = seed &+ UInt64(bitPattern: planned.milliseconds) &* 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        word ^= word >> 31
        return .milliseconds(word.multipliedFullWidth(by: UInt64(bound.milliseconds)).high)
    }
}
