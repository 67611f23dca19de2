import Foundation
import MusterModel
import Testing

@Suite("The options beside a schedule")
struct TaskTimingTests {
    private static let start = Timestamp(milliseconds: 1_796_083_200_000)  // 2026-12-01, midnight

    private func timing(
        _ text: String = "daily 03:00", missed: Bool = true, delay: Duration = .zero, stop: Duration? = nil
    ) throws(TaskScheduleError) -> TaskTiming {
        try TaskTiming(TaskSchedule(text), runsMissed: missed, randomDelay: delay, stopAfter: stop)
    }

    @Test("the limits are those said, at and past them")
    func limits() throws {
        for delay in [Duration.zero, .seconds(1), .hours(24)] { #expect(try timing(delay: delay).randomDelay == delay) }
        for delay in [Duration.seconds(-1), .hours(24) + .seconds(1), .milliseconds(1500), .seconds(Int64.max)] {
            #expect(throws: TaskScheduleError.self) { try timing(delay: delay) }
        }
        for stop in [Duration.minutes(1), .days(7)] { #expect(try timing(stop: stop).stopAfter == stop) }
        for stop in [Duration.zero, .seconds(59), .days(7) + .seconds(1), .milliseconds(90_500), .seconds(Int64.min)] {
            #expect(throws: TaskScheduleError.self) { try timing(stop: stop) }
        }
    }

    @Test("as JSON and back")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let timing = try timing("weekly mon,thu 22:15", delay: .minutes(10), stop: .hours(1))
        let text = String(decoding: try encoder.encode(timing), as: UTF8.self)
        #expect(
            text == #"{"randomDelaySeconds":600,"runMissed":true,"schedule":"weekly mon,thu 22:15","stopAfterSeconds":3600}"#)
        #expect(try read(text) == timing)
        #expect(try read(#"{"schedule":"manual"}"#) == TaskTiming(.manually))
    }

    private func read(_ text: String) throws -> TaskTiming { try JSONDecoder().decode(TaskTiming.self, from: Data(text.utf8)) }

    @Test(
        "JSON that says what is not allowed is refused",
        arguments: [
            #"{"schedule":"daily"}"#, #"{"schedule":"manual","randomDelaySeconds":86401}"#,
            #"{"schedule":"manual","stopAfterSeconds":59}"#, #"{"schedule":"manual","randomDelaySeconds":-9223372036854775808}"#,
            #"{"schedule":"manual","stopAfterSeconds":9223372036854775807}"#, "{}", #"{"schedule":5}"#,
        ])
    func badJSON(text: String) { #expect(throws: DecodingError.self) { try read(text) } }

    @Test("the delay is the same each time it is asked, another with another seed, and spread evenly")
    func delay() throws {
        let timing = try timing(delay: .hours(1))
        var hours = [Int](repeating: 0, count: 4)
        for seed in 0..<1000 as Range<UInt64> {
            let run = try #require(timing.next(after: Self.start, in: .utc, since: Self.start, seed: seed))
            #expect(run.planned == Self.start + .hours(3))
            #expect(run == timing.next(after: Self.start, in: .utc, since: Self.start, seed: seed))
            hours[Int((run.start - run.planned).milliseconds / 900_000)] += 1
        }
        #expect(hours.allSatisfy { (200...300).contains($0) }, "\(hours)")
    }

    @Test("the delay of one task differs from day to day")
    func delayByDay() throws {
        let timing = try timing(delay: .hours(1))
        var (starts, instant): (Set<Duration>, Timestamp) = ([], Self.start)
        for _ in 0..<20 {
            let run = try #require(timing.next(after: instant, in: .utc, since: instant, seed: 7))
            starts.insert(run.start - run.planned)
            instant = run.planned
        }
        #expect(starts.count == 20)
    }

    @Test("a delayed run starts before the next is planned")
    func delayInOrder() throws {
        let timing = try timing("every 15m", delay: .hours(24))
        for seed in 0..<200 as Range<UInt64> {
            let run = try #require(timing.next(after: Self.start, in: .utc, since: Self.start, seed: seed))
            #expect((Duration.zero..<Duration.minutes(15)).contains(run.start - run.planned))
        }
        #expect(
            try TaskTiming(TaskSchedule("daily 03:00")).next(after: Self.start, in: .utc, since: Self.start, seed: 1)?.start
                == Self.start + .hours(3))
    }

    /// Planned for, in hours from the start, when the agent was away from hour to hour.
    private func missed(_ timing: TaskTiming, from: Int64, to: Int64) -> Int64? {
        let now = Self.start + .hours(to)
        let run = timing.missed(from: Self.start + .hours(from), to: now, in: .utc, since: Self.start, seed: 3)
        if let run { #expect(run.start == now) }
        return run.map { ($0.planned - Self.start).milliseconds / 3_600_000 }
    }

    @Test("of what was missed one run is caught up on, the last")
    func missed() throws {
        #expect(missed(try timing(), from: 2, to: 3) == 3)
        #expect(missed(try timing(), from: 3, to: 26) == nil)
        #expect(missed(try timing(), from: 3, to: 24 * 9) == 24 * 8 + 3)
        #expect(missed(try timing("every 1h"), from: 0, to: 1000) == 1000)
        #expect(missed(try timing("once 2026-12-01 05:00"), from: 4, to: 500) == 5)
        #expect(missed(try timing("once 2026-12-01 05:00"), from: 5, to: 500) == nil)
        for text in ["manual", "agent-start"] { #expect(missed(try timing(text), from: 0, to: 1000) == nil) }
    }

    @Test("none when missed runs are not to be run, or the clock was put back")
    func notMissed() throws {
        #expect(missed(try timing(missed: false), from: 0, to: 1000) == nil)
        #expect(missed(try timing(), from: 1000, to: 0) == nil)
    }

    @Test("a run that still waits for its delay is not missed: it comes")
    func stillToCome() throws {
        let timing = try timing(delay: .hours(10))
        let run = try #require(timing.next(after: Self.start, in: .utc, since: Self.start, seed: 3))
        let before = run.start - .milliseconds(1)
        #expect(timing.missed(from: Self.start, to: before, in: .utc, since: Self.start, seed: 3) == nil)
        #expect(timing.missed(from: Self.start, to: run.start, in: .utc, since: Self.start, seed: 3) == run)
    }
}
