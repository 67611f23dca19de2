import MusterModel
import Testing

@testable import MusterSwarm

/// When a run counts.
struct RunResultTests {
    /// 100 devices every 10 s for 60 s and 5 events a second: everything as asked for.
    private func good() -> RunResult {
        var measured = Tally()
        measured.synchronizations = 600
        measured.eventsRaised = 300
        measured.eventsAcknowledged = 300
        return RunResult(
            options: RunOptions(devices: 100, interval: .seconds(10), eventsPerSecond: 5, duration: .seconds(60), seed: 1),
            before: Tally(), measured: measured, elapsed: .seconds(60), enrolled: 100, ready: 100, synchronized: 100,
            permanent: 0, unacknowledged: 0,
            isInterrupted: false)
    }

    private func problems(_ change: (inout RunResult) -> Void) -> [String] {
        var result = good()
        change(&result)
        #expect(result.isValid == result.problems.isEmpty)
        return result.problems
    }

    @Test func aGoodRunCounts() { #expect(good().problems == []) }

    @Test func saysWhyItDoesNotCount() {
        #expect(problems { $0.enrolled = 98 } == ["2 of 100 devices are not enrolled"])
        #expect(problems { $0.ready = 99 } == ["1 devices did not synchronize before the measured time"])
        #expect(problems { $0.synchronized = 99 } == ["1 devices did not synchronize in the measured time"])
        #expect(problems { $0.unacknowledged = 4 } == ["4 events were not acknowledged"])
        #expect(problems { $0.measured.eventsDropped = 1 } == ["1 events found a full spool"])
        #expect(problems { $0.isInterrupted = true } == ["interrupted before the end"])
        #expect(problems { $0.measured.failed(.idleTimeout, "silence") } == ["1 × idleTimeout, first: silence"])
        #expect(problems { $0.before.failed(.tokenExpired, "") } == ["1 × tokenExpired"])
    }

    @Test func ratesAreReachedFromNineteenTwentiethsOn() {
        #expect(problems { $0.measured.synchronizations = 570 } == [])
        #expect(
            problems { $0.measured.synchronizations = 569 }
                == ["9.5 synchronizations a second, 10.0 were to be reached"])
        #expect(problems { $0.measured.eventsRaised = 285 } == [])
        #expect(problems { $0.measured.eventsRaised = 284 } == ["4.7 events a second, 5.0 were to be reached"])
    }

    @Test func aTimeShorterThanTheIntervalAsksForNoRound() {
        #expect(
            problems { result in
                result.options.interval = .seconds(900)
                result.synchronized = 3
                result.measured.synchronizations = 3
            } == [])
    }
}
