import MusterTestKit
import Testing

@testable import MusterModel

@Suite("docs/tasks.md")
struct TasksPageTests {
    private let page: MarkdownFile

    init() throws { page = try MarkdownFile("docs/tasks.md") }

    @Test("every schedule has its row with an example, written as it is printed")
    func schedules() throws {
        let rows = page.rows(under: "Schedules")
        for row in rows {
            let example = try #require(row[2].code)
            #expect(try TaskSchedule(example).description == example)
            #expect(row[0].hasPrefix("`\(example.prefix { $0 != " " })`"))
        }
        let words = rows.compactMap { row in row[2].code.map { String($0.prefix { $0 != " " }) } }
        #expect(words.sorted() == TaskSchedule.words.sorted())
    }

    @Test("the days of the week are those understood")
    func days() {
        #expect(
            page.text.contains("Days of the week are \(Weekday.allCases.map { "`\($0.short)`" }.joined(separator: ", ")), or"))
    }

    @Test("the limits are those of the code")
    func limits() {
        #expect(
            page.rows(under: "Options").map { $0[1] } == [
                "yes, no", "\(TaskTiming.randomDelays.lowerBound.text) to 24h", "1m to 7d, or not at all",
            ])
        #expect(TaskTiming.randomDelays == .zero ... .hours(24) && TaskTiming.stopTimes == .minutes(1) ... .days(7))
        #expect(TaskSchedule.intervals == .minutes(1) ... .days(366))
    }

    @Test("what is said of Warsaw is so")
    func clockChanges() throws {
        let (zone, schedule) = (try ZoneRules.warsaw(), try TaskSchedule("daily 02:30"))
        let put = try #require(Timestamp("2026-03-29T01:00:00Z"))  // 03:00 there
        #expect(schedule.next(after: put - .hours(2), in: zone, since: put) == put)
        let first = try #require(Timestamp("2026-10-25T00:30:00Z"))
        #expect(schedule.next(after: first - .hours(2), in: zone, since: put) == first)
        #expect(zone.nextChange(afterSecond: first.second) == first.second + 1800)
    }
}
