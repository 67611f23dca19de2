import Foundation
import MusterModel
import Testing

@testable import MusterSwarm

/// A fleet in several processes.
struct ProcessShareTests {
    @Test(arguments: [(10, 1), (10, 3), (3, 8), (15_000, 4)] as [(Int, Int)])
    func sharesAreTheFleet(devices: Int, processes: Int) {
        let shares = ProcessShare.shares(of: devices, first: 100, processes: processes)
        #expect(shares.count == min(devices, processes))
        var next = 100
        for (position, share) in shares.enumerated() {
            #expect(share.position == position && share.first == next && share.devices > 0)
            next += share.devices
        }
        #expect(next == 100 + devices)
        #expect(abs(shares.reduce(0) { $0 + $1.fraction } - 1) < 0.000_001)
    }

    @Test func resultsOfPartsAreThoseOfTheWhole() throws {
        func part(_ seconds: Int, ready: Int) -> RunResult {
            var tally = Tally()
            tally.synchronizations = 50
            tally.synchronizationTime.record(.seconds(seconds))
            tally.failed(.idleTimeout, "silence")
            return RunResult(
                options: RunOptions(devices: 5, interval: nil, eventsPerSecond: 2, duration: .seconds(10), seed: 1),
                before: Tally(), measured: tally, elapsed: .seconds(10 + seconds), enrolled: 5, ready: ready, synchronized: 5,
                permanent: 4, unacknowledged: 1, isInterrupted: false)
        }
        // As it comes from another process.
        let data = try JSONEncoder().encode(part(3, ready: 4))
        var whole = part(1, ready: 5)
        whole.merge(try JSONDecoder().decode(RunResult.self, from: data))
        #expect(whole.options.devices == 10 && whole.options.eventsPerSecond == 4)
        #expect(whole.enrolled == 10 && whole.ready == 9 && whole.permanent == 8 && whole.unacknowledged == 2)
        #expect(whole.elapsed == .seconds(13) && whole.errors == [.idleTimeout: 2])
        #expect(whole.measured.synchronizations == 100 && whole.measured.synchronizationTime.maximum == .seconds(3))
    }

    @Test func aRestartIsOverWhenTheLastPartSaysSo() {
        var whole = RestartResult(devices: 2, synchronized: 2, permanent: 2)
        whole.isRestarted = true
        whole.returns = [.seconds(1), .seconds(4)]
        var other = RestartResult(devices: 1, synchronized: 1, permanent: 1)
        other.isRestarted = true
        other.returns = [.seconds(2)]
        whole.merge(other)
        #expect(whole.problems == [] && whole.returns == [.seconds(1), .seconds(2), .seconds(4)])
        whole.merge(RestartResult(devices: 1, synchronized: 1, permanent: 1))
        #expect(whole.problems.first?.hasPrefix("the server was not restarted") == true)
    }
}
