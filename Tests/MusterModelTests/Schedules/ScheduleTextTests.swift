import Foundation
import MusterModel
import Testing

@Suite("Schedules as people write them")
struct ScheduleTextTests {
    @Test(
        "read and written again, a schedule is the same",
        arguments: [
            "manual", "agent-start", "once 2026-12-01 03:00", "once 2028-02-29 23:59", "every 1m", "every 15m", "every 1h30m",
            "every 366d", "daily 03:00", "daily 00:00", "weekly mon,thu 22:15", "weekly sun 00:05",
            "weekly mon,tue,wed,thu,fri,sat,sun 12:00", "monthly 1 04:00", "monthly 31 04:00",
        ])
    func roundTrip(text: String) throws {
        let schedule = try TaskSchedule(text)
        #expect(schedule.description == text)
        let json = try JSONEncoder().encode([schedule])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([TaskSchedule].self, from: json) == [schedule])
    }

    @Test(
        "other ways to write the same are understood",
        arguments: [
            ("  Daily\t3:00 ", "daily 03:00"), ("weekly Thursday,MON,mon 22:15", "weekly mon,thu 22:15"),
            ("every 90m", "every 1h30m"),
            ("every 24h", "every 1d"), ("every 120s", "every 2m"), ("monthly 05 4:00", "monthly 5 04:00"),
            ("weekly monday,tuesday,wednesday,thursday,friday,saturday,sunday 12:00", "weekly mon,tue,wed,thu,fri,sat,sun 12:00"),
        ])
    func tolerant(text: String, written: String) throws {
        #expect(try TaskSchedule(text).description == written)
    }

    @Test("made of values, checked alike")
    func values() throws {
        let night = try #require(TimeOfDay(hour: 3, minute: 0))
        #expect(try TaskSchedule(.daily(night)) == TaskSchedule("daily 03:00"))
        #expect(try TaskSchedule(.weekly([.thursday, .monday], night)) == TaskSchedule("weekly mon,thu 03:00"))
        #expect(refusal(.weekly([], night)) == .wrongDay)
        #expect(refusal(.every(.seconds(59))) == .wrongInterval)
        #expect(refusal(.every(.seconds(61))) == .wrongInterval)
        #expect(refusal(.every(.days(366) + .milliseconds(1))) == .wrongInterval)
        #expect(refusal(.every(.seconds(-60))) == .wrongInterval)
        #expect(refusal(.monthly(day: 0, night)) == .wrongMonthDay)
        #expect(TimeOfDay(hour: 24, minute: 0) == nil && TimeOfDay(hour: 0, minute: 60) == nil)
        #expect(CivilDate(year: 2027, month: 2, day: 29) == nil && CivilDate(year: 1969, month: 12, day: 31) == nil)
        #expect(CivilDate(year: .max, month: 1, day: 1) == nil && CivilDate(year: 2026, month: 13, day: 1) == nil)
    }

    private func refusal(_ kind: TaskSchedule.Kind) -> TaskScheduleError.Code? {
        do { _ = try TaskSchedule(kind) } catch { return error.code }
        return nil
    }

    private func refusal(_ text: String) -> TaskScheduleError.Code? {
        do { _ = try TaskSchedule(text) } catch { return error.code }
        return nil
    }

    @Test(
        "what is no schedule is refused for what it is",
        arguments: [
            ("", .empty), (" \t", .empty), ("dayly 03:00", .unknownWord), ("03:00", .unknownWord), ("daily", .wrongForm),
            ("daily 03:00 04:00", .wrongForm), ("manual 03:00", .wrongForm), ("weekly mon, thu 22:15", .wrongForm),
            ("daily 24:00", .wrongTime), ("daily 3", .wrongTime), ("daily 003:00", .wrongTime), ("daily 3:0", .wrongTime),
            ("daily 03:00:00", .wrongTime), ("daily -3:00", .wrongTime), ("daily ٠٣:٠٠", .wrongTime),
            ("once 2026-02-30 03:00", .wrongDate), ("once 26-12-01 03:00", .wrongDate), ("once 2026-1-1 03:00", .wrongDate),
            ("once 1969-12-31 03:00", .wrongDate), ("every 59s", .wrongInterval), ("every 90s", .wrongInterval),
            ("every 367d", .wrongInterval), ("every 15", .wrongInterval), ("every -5m", .wrongInterval),
            ("weekly mon, 22:15", .wrongDay), ("weekly mo 22:15", .wrongDay), ("monthly 0 04:00", .wrongMonthDay),
            ("monthly 32 04:00", .wrongMonthDay), ("monthly last 04:00", .wrongMonthDay),
            (String(repeating: "a", count: 129), .tooLong),
        ] as [(String, TaskScheduleError.Code)])
    func refused(text: String, code: TaskScheduleError.Code) {
        #expect(refusal(text) == code)
    }

    @Test("a refusal says what is allowed")
    func reasons() throws {
        let error = try #require(throws: TaskScheduleError.self) { try TaskSchedule("dayly 03:00") }
        #expect(error.reason.hasPrefix("no schedule begins with 'dayly'. Did you mean 'daily'? It is one of 'manual', "))
        let json = Data(#"["every 5s"]"#.utf8)
        let decoding = try #require(throws: DecodingError.self) { try JSONDecoder().decode([TaskSchedule].self, from: json) }
        #expect("\(decoding)".contains("1m to 366d"))
    }

    @Test("no text whatever traps", arguments: 0..<20 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var random = Seeded(seed)
        let pieces = [
            "daily", "weekly", "monthly", "once", "every", " ", " ", ":", "-", ",", "03:00", "2026-12-01", "mon", "31", "15m",
            "9",
            "\u{301}", "\0", "é", "\r\n",
        ]
        for _ in 0..<500 {
            let text = (0..<random.below(9)).map { _ in random.oneOf(pieces) }.joined()
            guard let schedule = try? TaskSchedule(text) else { continue }
            #expect((try? TaskSchedule(schedule.description)) == schedule, "\(text)")
        }
    }
}
