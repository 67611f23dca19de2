import MusterModel
import Testing

@testable import MusterServer

@Suite("When devices are looked at again")
struct DeviceDeadlinesTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    @Test("a device that synchronizes for weeks waits in one place")
    func bounded() {
        var deadlines = DeviceDeadlines()
        let devices = (0..<3).map { _ in DeviceID.random() }
        var now = start
        for _ in 0..<(14 * 96) {
            for device in deadlines.take(until: now) { deadlines.set(device, now + .days(7)) }
            for device in devices { deadlines.set(device, now + .days(7)) }
            now = now + .minutes(15)
        }
        #expect(deadlines.count == 3)
    }

    @Test("it is looked at in the step after its time, once")
    func due() {
        var deadlines = DeviceDeadlines()
        let device = DeviceID.random()
        deadlines.set(device, start + .hours(1))
        #expect(deadlines.take(until: start + .hours(1)).isEmpty)
        #expect(deadlines.take(until: start + .hours(1) + .minutes(10)) == [device])
        #expect(deadlines.take(until: start + .days(1)).isEmpty)
    }

    @Test("an earlier time counts, a later one leaves it where it is")
    func moved() {
        var deadlines = DeviceDeadlines()
        let device = DeviceID.random()
        deadlines.set(device, start + .hours(5))
        deadlines.set(device, start + .hours(1))
        deadlines.set(device, start + .hours(9))
        #expect(deadlines.take(until: start + .hours(2)) == [device])
        #expect(deadlines.take(until: start + .days(1)).isEmpty)
        deadlines.set(device, start + .hours(9))
        #expect(deadlines.take(until: start + .days(1)) == [device])
    }

    @Test("what changed is looked at with the next beat, and keeps its place")
    func soon() {
        var deadlines = DeviceDeadlines()
        let device = DeviceID.random()
        deadlines.set(device, start + .hours(1))
        deadlines.setSoon(device)
        #expect(deadlines.take(until: start) == [device])
        #expect(deadlines.take(until: start).isEmpty)
        #expect(deadlines.take(until: start + .hours(2)) == [device])
    }
}
