import MusterModel
import Testing

@testable import MusterSwarm

/// When a restart counts, and what is said of it.
struct RestartResultTests {
    private func good() -> RestartResult {
        var result = RestartResult(devices: 10, synchronized: 10, permanent: 10)
        result.isRestarted = true
        result.returns = (1...10).map { .seconds($0) }
        result.tally.connections = 14
        result.tally.failed(.unreachable, "refused")
        return result
    }

    private func problems(_ change: (inout RestartResult) -> Void) -> [String] {
        var result = good()
        change(&result)
        return result.problems
    }

    @Test func saysWhenSoMuchOfTheFleetWasBack() {
        let report = RestartReport(good())
        #expect(report.valid && report.returned == 10)
        #expect(report.halfSeconds == 5 && report.p90Seconds == 9 && report.p99Seconds == 10 && report.lastSeconds == 10)
        #expect(report.errors == ["unreachable": 1] && report.connections == 14)
        #expect(report.table.contains("the last"))
    }

    @Test func saysWhyItDoesNotCount() {
        #expect(problems { $0.returns.removeLast() } == ["1 of 10 devices did not come back"])
        #expect(problems { $0.synchronized = 9 } == ["1 devices did not synchronize before the restart"])
        #expect(problems { $0.permanent = 8 }.first?.hasPrefix("2 devices have no permanent connection") == true)
        #expect(problems { $0.isRestarted = false }.first?.hasPrefix("the server was not restarted") == true)
        #expect(problems { $0.isInterrupted = true } == ["interrupted before the end"])
        var result = good()
        result.returns.removeLast()
        #expect(result.time(of: 1) == nil && result.time(of: 0.9) == .seconds(9))
    }
}
