import MusterModel
import Testing

@testable import MusterServer

@Suite("Machines refused as copies")
struct RefusedCopiesTests {
    private let noon = Timestamp(milliseconds: 1_795_530_600_000)

    @Test("an older certificate is a copy's only when the device came in between")
    func outdated() {
        var copies = RefusedCopies()
        #expect(copies.cameOutdated(7, heard: nil, now: noon) == false)
        #expect(
            copies.cameOutdated(7, heard: noon, now: noon + .seconds(9)) == false, "a snapshot put back tries again and again")
        #expect(copies.cameOutdated(7, heard: noon - .hours(1), now: noon + .minutes(9)) == false)
        #expect(copies.cameOutdated(7, heard: noon + .minutes(10), now: noon + .minutes(11)) == true)
        #expect(copies.cameOutdated(8, heard: noon + .minutes(10), now: noon + .minutes(12)) == false, "another start of it")
        #expect(copies.cameOutdated(8, heard: noon + .minutes(13), now: noon + .minutes(14)) == true)
    }

    @Test("the last sixteen machines are shown, each once")
    func machines() {
        var copies = RefusedCopies()
        for run in 1...20 as ClosedRange<UInt64> { copies.refused(run, from: "192.0.2.\(run)", now: noon) }
        copies.refused(10, from: "192.0.2.99", now: noon + .seconds(1))
        #expect(copies.machines.map(\.run) == Array(5...9) + Array(11...20) + [10])
        #expect(copies.machines.last == RefusedMachine(run: 10, address: "192.0.2.99", last: noon + .seconds(1)))
    }
}
