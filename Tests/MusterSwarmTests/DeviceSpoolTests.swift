import MusterModel
import MusterSession
import Testing

@testable import MusterSwarm

struct DeviceSpoolTests {
    private let event = DeviceEvent(
        type: "service-failed", severity: .warning, occurred: Timestamp(milliseconds: 0), text: "a service failed")

    @Test func numbersFromOneAndForgetsWhatIsAcknowledged() {
        var spool = DeviceSpool(epoch: 5)
        #expect(spool.position == EventPosition(epoch: 5, firstHeld: 1, next: 1))
        for second in 1...3 { _ = spool.append(event, now: .seconds(second)) }
        #expect(spool.events(after: 1, maximumBytes: 10_000).map(\.first.number) == [2, 3])
        #expect(spool.events(after: 0, maximumBytes: 1).map(\.first.number) == [1])
        let ofAnother = spool.acknowledge(epoch: 4, through: 2, now: .seconds(10))
        #expect(ofAnother == [])
        let acknowledged = spool.acknowledge(epoch: 5, through: 2, now: .seconds(10))
        #expect(acknowledged == [.seconds(9), .seconds(8)])
        #expect(spool.position == EventPosition(epoch: 5, firstHeld: 3, next: 4))
    }

    @Test func goesOnUnderANewEpoch() {
        var spool = DeviceSpool(epoch: 5)
        for _ in 1...3 { _ = spool.append(event, now: .zero) }
        _ = spool.acknowledge(epoch: 5, through: 1, now: .zero)
        let renumbered = spool.renumber(epoch: 6)
        #expect(renumbered == EventPosition(epoch: 6, firstHeld: 1, next: 3))
        let events = spool.events(after: 0, maximumBytes: 10_000)
        #expect(events.map(\.first) == [EventSequence(epoch: 6, number: 1), EventSequence(epoch: 6, number: 2)])
        #expect(events.first?.formerly == [EventSequence(epoch: 5, number: 2)])
    }

    @Test func isFullAtItsLimit() {
        var spool = DeviceSpool(epoch: 1)
        let taken = (0...DeviceSpool.limit).map { _ in spool.append(event, now: .zero) }
        #expect(taken.count(where: { $0 }) == DeviceSpool.limit)
        #expect(taken.last == false)
        #expect(spool.position.next == UInt64(DeviceSpool.limit) + 1)
    }
}
