import MusterAgent
import MusterModel
import MusterSession
import Testing

@testable import MusterSwarm

struct KeptFleetTests {
    private func device(_ index: Int, isEnrolled: Bool) -> SimulatedDevice {
        let digest = Digest(truncating: [UInt8(index), 1, 2])
        return SimulatedDevice(
            index: index,
            identity: isEnrolled ? Identity(device: .random(), keyPEM: "key \(index)", certificateDER: [1, 2]) : nil,
            facts: SessionFacts(
                runID: 1, reported: [.installed: digest], acknowledged: [.installed: digest], held: [.agent: digest]),
            interval: nil, seed: 1)
    }

    @Test func devicesComeBackAsTheyWere() throws {
        let before = [device(0, isEnrolled: true), device(1, isEnrolled: false), device(2, isEnrolled: true)]
        let kept = FleetRoster.kept(before, seed: 9, with: nil)
        #expect(kept.devices.map(\.index) == [0, 2])
        let after = try FleetRoster.devices(4, kept: kept, interval: nil, seed: kept.seed)
        #expect(after.map(\.index) == [0, 1, 2, 3])
        #expect(after.map { $0.identity == nil } == [false, true, false, true])
        #expect(after[2].identity == before[2].identity)
        #expect(after[2].facts.acknowledged == before[2].facts.acknowledged)
        #expect(after[2].facts.held == before[2].facts.held)
        // A new process and a new spool.
        #expect(after[2].spool.position.epoch != before[2].spool.position.epoch)
    }

    @Test func aSmallerRunLosesNobody() throws {
        let all = FleetRoster.kept((0..<5).map { device($0, isEnrolled: true) }, seed: 9, with: nil)
        let two = try FleetRoster.devices(2, kept: all, interval: nil, seed: 9)
        #expect(Set(FleetRoster.kept(two, seed: 9, with: all).devices.map(\.index)) == [0, 1, 2, 3, 4])
    }

    @Test func everybodyHasOtherLists() throws {
        let kept = FleetRoster.kept((0..<3).map { device($0, isEnrolled: true) }, seed: 9, with: nil)
        let other = kept.withOtherLists()
        #expect(other.seed == 10)
        let devices = try FleetRoster.devices(nil, kept: other, interval: nil, seed: other.seed)
        #expect(devices.map(\.index) == [0, 1, 2])
        #expect(devices[1].facts.reported == FleetDocuments(seed: 10).digests(of: 1))
        #expect(devices[1].facts.acknowledged == kept.devices[1].facts(runID: 1).acknowledged)
    }

    @Test func eachOfSeveralProcessesHasDevicesOfItsOwn() throws {
        let devices = try FleetRoster.devices(3, first: 100, kept: nil, interval: nil, seed: 1)
        #expect(devices.map(\.index) == [100, 101, 102])
        let kept = FleetRoster.kept((100..<103).map { device($0, isEnrolled: true) }, seed: 9, with: nil)
        #expect(try FleetRoster.devices(nil, first: 100, kept: kept, interval: nil, seed: 9).map(\.index) == [100, 101, 102])
    }

    @Test func nobodyIsNoFleet() {
        #expect(throws: SwarmError.self) { try FleetRoster.devices(nil, kept: nil, interval: nil, seed: 1) }
    }
}
