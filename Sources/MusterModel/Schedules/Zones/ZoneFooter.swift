/// The rule at the end of a TZif file, for all years after its last transition: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneFooter: Hashable, Sendable {
    /// A day of each year.
    enum Day: Hashable, Sendable {
        /// 1…365; February 29 is not counted.
        case julian(Int)
        /// 0…365; February 29 is counted.
        case ordinal(Int)
        /// Month 1…12, week 1…5 (5: the last), weekday 0…6 (0: Sunday).
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// When clocks are changed: by what they show until then.
    struct Rule: Hashable, Sendable {
        let day: Day
        /// From that day's midnight: -167 h to 167 h and 59:59.
        let time: Int64
    }

    struct Summer: Hashable, Sendable {
        let offset: Int64
        let start: Rule
        let end: Rule
    }

    /// Seconds east of UTC.
    let standard: Int64
    /// Nil: clocks are not changed.
    let summer: Summer?

    func offset(atSecond second: Int64) -> Int64 {
        changes(around: second).last { $0.second <= second }?.offset ?? standard
    }

    func nextChange(afterSecond second: Int64) -> Int64? {
        changes(around: second).first { $0.second > second }?.second
    }

    /// By time. A rule's moment is at most 8 days outside of its year; so two years before and after have one on each side for sure.
    private func changes(around second: Int64) -> [ZoneRules.Change] {
        guard let summer else { return [] }
        let year = CivilDate(dayNumber: second.floored(by: 86_400).quotient).year
        // Where summer ends as the next begins it lasts all year: the end stands first.
        return (year - 2...year + 2).flatMap { year in
            [
                ZoneRules.Change(second: summer.end.second(in: year) - summer.offset, offset: standard),
                ZoneRules.Change(second: summer.start.second(in: year) - standard, offset: summer.offset),
            ]
        }.sorted { ($0.second, $0.offset == standard ? 0 : 1) < ($1.second, $1.offset == standard ? 0 : 1) }
    }
}

extension ZoneFooter.Rule {
    /// On the clock that is changed.
    func second(in year: Int) -> Int64 { day.number(in: year) * 86_400 + time }
}

extension ZoneFooter.Day {
    func number(in year: Int) -> Int64 {
        let first = CivilDate.number(ofFirstDayOf: year)
        switch self {
        case .ordinal(let day): return first + Int64(day)
        case .julian(let day): return first + Int64(day - 1) + (day > 59 && CivilDate.isLeap(year) ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let length = CivilDate.days(inMonth: month, of: year)
            let monthStart = CivilDate(year: year, month: month, lastUpTo: 1).dayNumber
            let sought = (weekday + 6) % 7  // from Monday
            let firstOfMonth = Weekday(dayNumber: monthStart).rawValue
            let day = (sought - firstOfMonth + 7) % 7 + (week - 1) * 7
            return monthStart + Int64(day < length ? day : day - 7)
        }
    }
}
