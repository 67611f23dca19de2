/// The times runs are planned for. None for those that somebody or something else starts.
extension TaskSchedule {
    /// The first planned time after an instant.
    /// - Parameter anchor: of `every`, any time a run was planned for, or when the task came to the device: the others lie whole
    ///   intervals from it, also before it, so that a clock once wrong by years stops nothing.
    package func next(after instant: Timestamp, in zone: ZoneRules, since anchor: Timestamp) -> Timestamp? {
        if case .every(let interval) = kind {
            let planned = instant + (interval - Self.time(since: anchor, at: instant, interval))
            return planned > instant ? planned : nil
        }
        return localTimes(around: zone.day(at: instant)).lazy.map { zone.instant(of: $0) }.first { $0 > instant }
    }

    /// The last planned time until an instant, itself included.
    /// - Parameter anchor: as of `next`.
    package func last(through instant: Timestamp, in zone: ZoneRules, since anchor: Timestamp) -> Timestamp? {
        if case .every(let interval) = kind {
            return instant - Self.time(since: anchor, at: instant, interval)
        }
        return localTimes(around: zone.day(at: instant)).reversed().lazy.map { zone.instant(of: $0) }.first { $0 <= instant }
    }

    /// From the last planned time to the instant: less than an interval. Of remainders alone, so that nothing overflows.
    private static func time(since anchor: Timestamp, at instant: Timestamp, _ interval: Duration) -> Duration {
        let length = interval.milliseconds
        let difference = instant.milliseconds.floored(by: length).remainder - anchor.milliseconds.floored(by: length).remainder
        return .milliseconds(difference.floored(by: length).remainder)
    }

    /// Those of some days, in order, so that one has come and one has not, though clocks may have been put back by two days (from one
    /// end of `ZoneRules.offsets` to the other): then what was shown before lies so far ahead.
    private func localTimes(around day: CivilDate) -> [LocalTime] {
        switch kind {
        case .manually, .atAgentStart, .every: []
        case .once(let time): [time]
        case .daily(let time): Self.days(-1...4, from: day).map { LocalTime(date: $0, time: time) }
        case .weekly(let weekdays, let time):
            Self.days(-8...11, from: day).filter { weekdays.contains($0.weekday) }.map { LocalTime(date: $0, time: time) }
        case .monthly(let monthDay, let time):
            (-1...2).map { LocalTime(date: Self.day(monthDay, ofMonth: $0, from: day), time: time) }
        }
    }

    private static func days(_ range: ClosedRange<Int64>, from day: CivilDate) -> [CivilDate] {
        let number = day.dayNumber
        return range.map { CivilDate(dayNumber: number + $0) }
    }

    private static func day(_ monthDay: Int, ofMonth month: Int, from day: CivilDate) -> CivilDate {
        let (years, index) = Int64(day.month - 1 + month).floored(by: 12)
        return CivilDate(year: day.year + Int(years), month: Int(index) + 1, lastUpTo: monthDay)
    }
}
