import Testing

@testable import MusterModel

@Suite("What holds of all schedules")
struct SchedulePropertyTests {
    private static let footers = [
        "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "IST-1GMT0,M10.5.0,M3.5.0/1", "EET-2EEST,M3.4.4/50,M10.4.4/50", "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3",
        "AAA24:59:59BBB-24:59:59,J100,J101", "AAA-24BBB24,M12.5.0/167,0/-167",
    ]

    private static func schedule(_ random: inout Seeded) throws -> TaskSchedule {
        // Where clocks change, mostly.
        let time = try #require(TimeOfDay(hour: random.below(random.oneOf([4, 24])), minute: random.oneOf([0, 15, 30, 59])))
        return switch random.below(4) {
        case 0: try TaskSchedule(.daily(time))
        case 1: try TaskSchedule(.weekly(Set((0...random.below(3)).map { _ in random.oneOf(Weekday.allCases) }), time))
        case 2: try TaskSchedule(.monthly(day: 1 + random.below(31), time))
        default: try TaskSchedule(.every(.minutes(Int64(1 + random.below(3000)))))
        }
    }

    private static func instant(_ random: inout Seeded) -> Timestamp {
        Timestamp(milliseconds: Int64.random(in: 0...4_102_444_800_000, using: &random))
    }

    @Test("the next planned time is after, the last is not, and nothing lies between", arguments: 0..<20 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<40 {
            let zone = try ZoneRules(footer: random.oneOf(Self.footers))
            let (schedule, now, anchor) = (try Self.schedule(&random), Self.instant(&random), Self.instant(&random))
            let next = try #require(schedule.next(after: now, in: zone, since: anchor), "\(schedule) \(now)")
            let last = try #require(schedule.last(through: now, in: zone, since: anchor), "\(schedule) \(now)")
            #expect(last <= now && now < next)
            #expect(schedule.next(after: last, in: zone, since: anchor) == next, "\(schedule) \(now)")
            #expect(schedule.last(through: next - .milliseconds(1), in: zone, since: anchor) == last, "\(schedule) \(now)")
            #expect(schedule.last(through: next, in: zone, since: anchor) == next, "\(schedule) \(now)")
            #expect(schedule.next(after: now, in: zone, since: next) == next, "\(schedule) \(now)")
        }
    }

    @Test("looking at the clock every 15 minutes, one sees the same runs", arguments: 0..<6 as Range<UInt64>)
    func watched(seed: UInt64) throws {
        var random = Seeded(seed)
        let zone = try ZoneRules(footer: random.oneOf(Self.footers.dropLast(2)))
        let year = Int64(1970 + random.below(130))
        let start = Timestamp(second: CivilDate.number(ofFirstDayOf: Int(year)) * 86_400)
        let time = try #require(TimeOfDay(hour: random.below(4), minute: random.oneOf([0, 15, 30])))
        let schedule = try TaskSchedule(.daily(time))
        var planned: [Timestamp] = []
        var instant = start
        while let next = schedule.next(after: instant, in: zone, since: start), next <= start + .days(365) {
            planned.append(next)
            instant = next
        }
        #expect(planned == Self.seen(time, from: start, in: zone))
    }

    /// A day's run is when the clock shows its time or more for the first time. All of it is in quarters of hours.
    private static func seen(_ time: TimeOfDay, from start: Timestamp, in zone: ZoneRules) -> [Timestamp] {
        var seen: [Timestamp] = []
        func lastDue(_ instant: Timestamp) -> Int64 {
            (instant.second + zone.offset(atSecond: instant.second) - time.seconds).floored(by: 86_400).quotient
        }
        var day = lastDue(start)
        for quarter in 1...Int64(365 * 96) {
            let instant = start + .minutes(quarter * 15)
            let due = lastDue(instant)
            if due > day {
                seen.append(instant)
                day = due
            }
        }
        return seen
    }

    @Test("later on the clock is never earlier, and no clock shows it before", arguments: 0..<10 as Range<UInt64>)
    func monotone(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<200 {
            let zone = try ZoneRules(footer: random.oneOf(Self.footers))
            let day = CivilDate(dayNumber: Int64(random.below(47_000)))
            let time = try #require(TimeOfDay(hour: random.below(23), minute: random.below(60)))
            let later = try #require(TimeOfDay(hour: time.hour + 1, minute: random.below(60)))
            let local = LocalTime(date: day, time: time)
            let instant = zone.instant(of: local)
            #expect(instant <= zone.instant(of: LocalTime(date: day, time: later)))
            #expect(instant.second + zone.offset(atSecond: instant.second) >= local.second)
            #expect(instant.second - 1 + zone.offset(atSecond: instant.second - 1) < local.second)
        }
    }

    @Test("days and their numbers belong together, over 400 years and far away")
    func days() {
        var date = CivilDate(dayNumber: 0)
        #expect(date.description == "1970-01-01" && date.weekday == .thursday)
        for number in 1...Int64(146_097) {
            let next = CivilDate(dayNumber: number)
            #expect(next.dayNumber == number)
            let isNextDay = next.day == date.day + 1 && next.month == date.month
            let isNextMonth = next.day == 1 && date.day == CivilDate.days(inMonth: date.month, of: date.year)
            if !isNextDay && !isNextMonth { Issue.record("\(date) \(next)") }
            date = next
        }
        #expect(date.description == "2370-01-01")
        for number in [-719_163, -100_000_000_000, 100_000_000_000] as [Int64] {
            #expect(CivilDate(dayNumber: number).dayNumber == number)
        }
        #expect(CivilDate("2026-11-25")?.weekday == .wednesday)
    }
}
