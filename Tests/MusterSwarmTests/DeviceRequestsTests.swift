import MusterAgent
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import Testing

@testable import MusterSwarm

/// Connection requests to a simulated device, as transcripts.
struct DeviceRequestsTests {
    private let key = PrivateKey.generate()
    private let id = DeviceID.random()
    private let time = Timestamp(milliseconds: 1_795_530_600_000)

    private func request(counter: UInt64, of many: Bool = false) throws -> [UInt8] {
        let reason = many ? Datagram.RequestReason.oneOfMany : .oneDevice
        return try Datagram(
            kind: .connectionRequest, reason: reason.rawValue, keyID: Digest(keyID: key.publicKey.pin), device: id,
            counter: counter, time: time, runID: 0
        ).signed(with: key)
    }

    private func known() -> DeviceRequests {
        var requests = DeviceRequests()
        // The device's clock is an hour behind.
        requests.learnt(
            .init(device: id, serverKey: key.publicKey, pins: [key.publicKey.pin]), serverTime: time, time: time - .hours(1))
        return requests
    }

    @Test func believesNobodyBeforeItHasConnected() throws {
        var requests = DeviceRequests()
        #expect(try requests.received(request(counter: 9), instant: .now, time: time, now: .zero) == nil)
    }

    @Test func isTimedFromTheFirstCopyToDone() throws {
        var requests = known()
        #expect(requests.synchronized(now: .seconds(1)) == nil)
        let datagram = try request(counter: 9)
        #expect(requests.received(datagram, instant: .now, time: time - .hours(1), now: .seconds(2)) == false)
        #expect(requests.received(datagram, instant: .now, time: time - .hours(1), now: .seconds(3)) == nil)
        #expect(requests.counter == 9 && requests.counters.received == 2 && requests.counters.replayed == 1)
        #expect(requests.synchronized(now: .seconds(4)) == .seconds(2))
        #expect(requests.synchronized(now: .seconds(5)) == nil)
        #expect(try requests.received(request(counter: 10, of: true), instant: .now, time: time - .hours(1), now: .zero) == true)
    }

    @Test func connectsAtOnceAloneAndWithinASecondWithOthers() {
        func waiting() -> SimulatedDevice {
            var device = SimulatedDevice(
                index: 1, identity: Identity(device: id, keyPEM: "", certificateDER: []),
                facts: SessionFacts(runID: 1, reported: [:]), interval: nil, seed: 3)
            _ = device.started(due: .seconds(600), now: .zero)
            return device
        }
        var alone = waiting()
        #expect(alone.requestAccepted(isOneOfMany: false, now: .seconds(1)) == .wait(.zero))
        #expect(alone.timerFired() == .connect(.request))
        // It is on its way already.
        #expect(alone.requestAccepted(isOneOfMany: false, now: .seconds(2)) == SimulatedDevice.Order.none)
        var other = waiting()
        guard case .wait(let time) = other.requestAccepted(isOneOfMany: true, now: .seconds(1)) else {
            Issue.record("does not come")
            return
        }
        #expect(time >= .zero && time < .seconds(1))
    }
}
