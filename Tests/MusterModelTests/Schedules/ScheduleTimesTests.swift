import Testing

@testable import MusterModel

@Suite("The times runs are planned for")
struct ScheduleTimesTests {
    /// The next so many, on the clock of the zone.
    private func times(
        _ text: String, _ count: Int, after start: String, in zone: ZoneRules = .utc, since anchor: String? = nil
    ) throws -> [String] {
        let schedule = try TaskSchedule(text)
        var instant = try #require(Timestamp(start))
        let anchor = try #require(Timestamp(anchor ?? start))
        var times: [String] = []
        while times.count < count, let next = schedule.next(after: instant, in: zone, since: anchor) {
            times.append(String((next + zone.offset(at: next)).description.dropLast(8)))
            instant = next
        }
        return times
    }

    @Test("nothing by itself")
    func none() throws {
        #expect(try times("manual", 1, after: "2026-12-01T00:00:00Z") == [])
        #expect(try times("agent-start", 1, after: "2026-12-01T00:00:00Z") == [])
    }

    @Test("once is once, on the device's clock")
    func once() throws {
        #expect(
            try times("once 2026-12-01 03:00", 2, after: "2026-11-01T00:00:00Z", in: .warsaw()) == ["2026-12-01T03:00"])
        #expect(try times("once 2026-12-01 03:00", 1, after: "2026-12-01T02:00:00Z", in: .warsaw()) == [])
        #expect(try times("once 2026-12-01 03:00", 1, after: "2026-12-01T01:59:59.999Z", in: .warsaw()) == ["2026-12-01T03:00"])
    }

    @Test("every so long from a planned time, also when the clock was years ahead then")
    func every() throws {
        #expect(
            try times("every 1h30m", 3, after: "2026-12-01T00:10:00Z", since: "2026-12-01T00:07:00Z")
                == ["2026-12-01T01:37", "2026-12-01T03:07", "2026-12-01T04:37"])
        #expect(try times("every 1h", 1, after: "2026-12-01T00:10:00Z", since: "2031-01-01T00:20:00Z") == ["2026-12-01T00:20"])
    }

    @Test("every 1d is 24 hours: the clock on the wall moves, daily keeps to it")
    func day() throws {
        let start = "2026-10-24T01:00:00Z"
        #expect(try times("every 1d", 2, after: start, in: .warsaw()) == ["2026-10-25T02:00", "2026-10-26T02:00"])
        #expect(try times("daily 03:00", 2, after: start, in: .warsaw()) == ["2026-10-25T03:00", "2026-10-26T03:00"])
    }

    @Test("a time left out in spring runs when clocks are put forward")
    func spring() throws {
        #expect(
            try times("daily 02:30", 3, after: "2026-03-28T00:00:00Z", in: .warsaw())
                == ["2026-03-28T02:30", "2026-03-29T03:00", "2026-03-30T02:30"])
    }

    @Test("a time that comes twice in autumn runs the first time, and that once")
    func autumn() throws {
        let schedule = try TaskSchedule("daily 02:30")
        let zone = try ZoneRules.warsaw()
        let first = try #require(Timestamp("2026-10-25T00:30:00Z"))
        #expect(schedule.next(after: first - .hours(1), in: zone, since: first) == first)
        #expect(schedule.next(after: first, in: zone, since: first) == Timestamp("2026-10-26T01:30:00Z"))
        #expect(schedule.last(through: first + .hours(2), in: zone, since: first) == first)
    }

    @Test("weekly on each of its days")
    func weekly() throws {
        #expect(
            try times("weekly mon,thu 22:15", 4, after: "2026-12-01T00:00:00Z")
                == ["2026-12-03T22:15", "2026-12-07T22:15", "2026-12-10T22:15", "2026-12-14T22:15"])
        #expect(try times("weekly tue 22:15", 1, after: "2026-12-01T22:15:00Z") == ["2026-12-08T22:15"])
    }

    @Test("monthly on a month's last day where it is shorter, in leap years too")
    func monthly() throws {
        #expect(
            try times("monthly 31 04:00", 5, after: "2027-12-31T04:00:00Z")
                == ["2028-01-31T04:00", "2028-02-29T04:00", "2028-03-31T04:00", "2028-04-30T04:00", "2028-05-31T04:00"])
        #expect(try times("monthly 30 04:00", 1, after: "2027-02-01T00:00:00Z") == ["2027-02-28T04:00"])
        #expect(try times("monthly 1 00:00", 2, after: "2026-11-30T00:00:00Z") == ["2026-12-01T00:00", "2027-01-01T00:00"])
    }

    @Test("a day that a zone left out is its end")
    func samoa() throws {
        var file = ZoneFileBytes()
        file.types = [(-36_000, 1, 0), (50_400, 1, 0)]
        file.transitions = [(1_325_239_200, 1)]
        file.footer = ""
        // After Thursday 29 December 2011 came Saturday 31.
        #expect(
            try times("daily 12:00", 3, after: "2011-12-29T00:00:00Z", in: file.rules())
                == ["2011-12-29T12:00", "2011-12-31T00:00", "2011-12-31T12:00"])
    }

    @Test("no instant and no anchor trap")
    func extremes() throws {
        let texts = ["once 9999-12-31 23:59", "every 1m", "every 366d", "daily 00:00", "weekly sun 23:59", "monthly 31 23:59"]
        let instants = [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max].map(Timestamp.init(milliseconds:))
        for schedule in try texts.map({ try TaskSchedule($0) }) {
            for (instant, anchor) in instants.flatMap({ instant in instants.map { (instant, $0) } }) {
                let zone = try ZoneRules.warsaw()
                if let next = schedule.next(after: instant, in: zone, since: anchor) { #expect(next > instant) }
                if let last = schedule.last(through: instant, in: zone, since: anchor) { #expect(last <= instant) }
            }
        }
    }
}
