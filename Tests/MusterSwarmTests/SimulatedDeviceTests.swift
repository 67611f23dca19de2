import MusterAgent
import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterSwarm

/// The rules of when a simulated device connects, as transcripts.
struct SimulatedDeviceTests {
    private let event = DeviceEvent(
        type: "service-failed", severity: .warning, occurred: Timestamp(milliseconds: 0), text: "a service failed")

    private func device(interval: Duration? = .seconds(60), isEnrolled: Bool = true) -> SimulatedDevice {
        SimulatedDevice(
            index: 3, identity: isEnrolled ? Identity(device: .random(), keyPEM: "", certificateDER: []) : nil,
            facts: SessionFacts(runID: 1, reported: [:]), interval: interval, seed: 7)
    }

    @Test func enrolsThenSynchronizesAtOnce() {
        var device = device(isEnrolled: false)
        #expect(device.started(due: .seconds(2), now: .zero) == .wait(.seconds(2)))
        #expect(device.timerFired() == .enrol)
        device.enrolled(Identity(device: .random(), keyPEM: "", certificateDER: []))
        #expect(device.connectionEnded(.enrolled, now: .seconds(3)) == .wait(.zero))
        #expect(device.timerFired() == .connect(.start))
        #expect(!device.isSynchronized)
        _ = device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(4))
        #expect(device.isSynchronized)
    }

    @Test func keepsToTheIntervalFromItsOwnMoment() {
        var device = device()
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        // Nobody comes in step with others before: each an interval after it was there.
        #expect(device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(1)) == .wait(.seconds(60)))
        #expect(device.scheduled(due: .seconds(10), now: .seconds(5)) == .wait(.seconds(5)))
        #expect(!device.isSynchronized)
        #expect(device.timerFired() == .connect(.interval))
        // However long the session took, the next comes 60 s after this one was due.
        #expect(device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(13)) == .wait(.seconds(57)))
        #expect(device.timerFired() == .connect(.interval))
        #expect(device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(200)) == .wait(.zero))
    }

    @Test func comesWhenTheServerSaysWithoutAnInterval() {
        var device = device(interval: nil)
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        #expect(device.connectionEnded(.complete(next: .seconds(850)), now: .seconds(1)) == .wait(.seconds(850)))
    }

    @Test func connectsForAnEventAndKeepsItsMoment() {
        var device = device()
        _ = device.scheduled(due: .seconds(50), now: .zero)
        _ = device.started(due: .seconds(50), now: .zero)
        #expect(device.eventRaised(event, now: .seconds(10)) == .wait(.milliseconds(100)))
        #expect(device.eventRaised(event, now: .seconds(10)) == SimulatedDevice.Order.none)
        #expect(device.timerFired() == .connect(.event))
        #expect(device.eventRaised(event, now: .seconds(11)) == .eventsAppended)
        let acknowledged = device.spool.acknowledge(epoch: device.spool.position.epoch, through: 3, now: .seconds(12))
        #expect(acknowledged == [.seconds(2), .seconds(2), .seconds(1)])
        #expect(device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(12)) == .wait(.seconds(38)))
    }

    @Test func comesAgainForAnEventRaisedWhileItSaidDone() {
        var device = device()
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        #expect(device.eventRaised(event, now: .seconds(1)) == .eventsAppended)
        #expect(device.connectionEnded(.complete(next: .seconds(900)), now: .seconds(1)) == .wait(.zero))
        #expect(device.timerFired() == .connect(.event))
    }

    @Test func keepsToWhatGoodbyeSaid() {
        var device = device(isEnrolled: false)
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        let order = device.connectionEnded(.failed(.enrolmentLimit, retryAfter: .seconds(10)), now: .seconds(1))
        guard case .wait(let time) = order else {
            Issue.record("\(order)")
            return
        }
        #expect((.seconds(10) ... .seconds(11)).contains(time))
        // It has no identity yet: the next try is an enrolment again, and an event does not hasten it.
        #expect(device.eventRaised(event, now: .seconds(2)) == SimulatedDevice.Order.none)
        #expect(device.timerFired() == .enrol)
    }

    @Test func goesOnWithARenewedCertificate() {
        var device = device()
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        device.certificateRenewed(keyPEM: "new", certificateDER: [1])
        #expect(device.connectionEnded(.failed(.certificateRenewed, retryAfter: nil), now: .seconds(1)) == .wait(.zero))
        #expect(device.identity?.keyPEM == "new")
        #expect(device.timerFired() == .connect(.renewed))
    }

    @Test func restsOnAPermanentConnectionAndSynchronizesThere() {
        var device = device(interval: nil)
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        #expect(device.rested(next: .seconds(900), now: .seconds(1)) == .wait(.seconds(900)))
        #expect(device.isPermanent && device.isSynchronized)
        #expect(device.eventRaised(event, now: .seconds(2)) == .eventsAppended)
        // The server asked for news: what it said of the next synchronization counts.
        #expect(device.rested(next: .seconds(600), now: .seconds(10)) == .wait(.seconds(600)))
        #expect(device.timerFired() == .synchronize)
        #expect(device.timerFired() == SimulatedDevice.Order.none)
        #expect(device.rested(next: .seconds(900), now: .seconds(611)) == .wait(.seconds(900)))
    }

    @Test func keepsItsMomentOnAPermanentConnection() {
        var device = device()
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        _ = device.rested(next: .seconds(900), now: .seconds(1))
        #expect(device.scheduled(due: .seconds(10), now: .seconds(5)) == .wait(.seconds(5)))
        #expect(!device.isSynchronized)
        #expect(device.timerFired() == .synchronize)
        #expect(device.rested(next: .seconds(900), now: .seconds(12)) == .wait(.seconds(58)))
        // An action in between moves nothing.
        #expect(device.rested(next: .seconds(900), now: .seconds(40)) == .wait(.seconds(30)))
    }

    @Test func comesBackAfterItsPermanentConnectionWasLost() {
        var device = device(interval: nil)
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        _ = device.rested(next: .seconds(900), now: .seconds(1))
        device.watchReturn()
        _ = device.rested(next: .seconds(900), now: .seconds(2))
        #expect(device.return == .notLost && !device.isBack)
        for attempt in 0..<3 {
            // It had done what it was for: the first try comes within a second, the next ones as for everybody.
            let most = Duration.seconds(1 << attempt)
            let order = device.connectionEnded(.failed(.closedByPeer, retryAfter: nil), now: .seconds(10))
            guard case .wait(let time) = order else {
                Issue.record("\(order)")
                return
            }
            #expect((.zero...most).contains(time))
            #expect(device.return == .lost && !device.isPermanent)
            #expect(device.timerFired() == .connect(.retry))
        }
        _ = device.rested(next: .seconds(900), now: .seconds(15))
        #expect(device.return == .back(at: .seconds(15)) && device.isBack)
    }

    @Test func aDeviceThatIsUntickedComesWhenItIsDue() {
        var device = device(interval: nil)
        _ = device.started(due: .zero, now: .zero)
        _ = device.timerFired()
        _ = device.rested(next: .seconds(900), now: .seconds(1))
        #expect(device.connectionEnded(.complete(next: .seconds(400)), now: .seconds(5)) == .wait(.seconds(400)))
        #expect(!device.isPermanent && device.wasPermanent)
        #expect(device.timerFired() == .connect(.interval))
        #expect(device.connectionEnded(.complete(next: .seconds(800)), now: .seconds(406)) == .wait(.seconds(800)))
    }

    @Test func doesNothingOnceStopped() {
        var device = device()
        _ = device.started(due: .zero, now: .zero)
        device.stopped()
        #expect(device.timerFired() == SimulatedDevice.Order.none)
        #expect(device.eventRaised(event, now: .zero) == SimulatedDevice.Order.none)
    }
}
