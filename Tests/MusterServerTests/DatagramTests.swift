import MusterModel
import MusterSession
import MusterStore
import MusterWire
import Testing

@testable import MusterServer

@Suite("The pace of connection requests")
struct RequestPaceTests {
    private let start = ContinuousClock.now

    @Test("so many a second to many, and one device beside them at once")
    func lanes() {
        var pace = RequestPace(rate: 200, now: start)
        let waits = (0..<1000).map { _ in pace.turn(isOneOfMany: true, now: start) }
        #expect(waits == (0..<1000).map { .milliseconds($0 * 5) })
        #expect(pace.turn(isOneOfMany: false, now: start) == .zero)
        #expect(pace.turn(isOneOfMany: false, now: start) == .milliseconds(5))
        #expect(pace.turn(isOneOfMany: true, now: start + .seconds(5)) == .zero)
        #expect(pace.turn(isOneOfMany: true, now: start + .seconds(60)) == .zero)
        #expect(pace.turn(isOneOfMany: true, now: start + .seconds(60)) == .milliseconds(5))
    }

    @Test("who would wait longer than 10 minutes is refused")
    func bound() {
        var pace = RequestPace(rate: 1, now: start)
        let waits = (0...601).map { _ in pace.turn(isOneOfMany: true, now: start) }
        #expect(waits[600] == .minutes(10) && waits[601] == nil)
        #expect(pace.turn(isOneOfMany: true, now: start + .seconds(1)) == .minutes(10))
    }
}

@Suite("Behind NAT")
struct NATRuleTests {
    @Test(
        "is a device whose connection comes from none of its addresses",
        arguments: [
            ("203.0.113.9", "192.168.1.20, fd00::5", true), ("192.168.1.20", "192.168.1.20, fd00::5", false),
            ("fd00::5", "192.168.1.20, fd00::5", false), ("fd00:0::0005", "192.168.1.20, fd00::5", false),
            ("::ffff:192.168.1.20", "192.168.1.20", false), ("fd00::6", "192.168.1.20, fd00::5", true),
            ("127.0.0.1", "192.168.1.20", nil), ("::1", "192.168.1.20", nil), (nil, "192.168.1.20", nil),
            ("203.0.113.9", nil, nil), ("203.0.113.9", "", nil), ("203.0.113.9", "rubbish, ", nil),
            ("unknown", "192.168.1.20", nil),
        ] as [(String?, String?, Bool?)])
    func rule(address: String?, reported: String?, isBehind: Bool?) {
        #expect(NATRule.isBehindNAT(address: address, reported: reported) == isBehind)
    }
}

@Suite("What is known of a device beside TCP")
struct DatagramFactsTests {
    private let noon = Timestamp(milliseconds: 1_795_530_600_250)

    private func hello(_ reason: Muster_V1_HelloReason, counter: UInt64 = 0) -> Muster_V1_Hello {
        var hello = Muster_V1_Hello()
        hello.reason = reason
        hello.requestCounter = counter
        return hello
    }

    @Test("a request got through when the device names it as its reason, within a minute")
    func gotThrough() {
        var facts = DatagramFacts()
        facts.connected(hello(.request), now: noon)
        #expect(facts.requestGotThrough == nil, "none was sent")
        _ = facts.nextRequest(now: noon)
        facts.connected(hello(.interval), now: noon + .seconds(1))
        #expect(facts.requestGotThrough == nil, "it came by itself")
        facts.connected(hello(.request), now: noon + .seconds(60))
        #expect(facts.requestGotThrough == noon + .seconds(60))
        facts.connected(hello(.request), now: noon + .seconds(61))
        #expect(facts.requestGotThrough == noon + .seconds(60), "long after")
    }

    @Test("counters rise past what the device has seen")
    func counters() {
        var facts = DatagramFacts()
        #expect(facts.nextRequest(now: noon) == 1_795_530_600_250)
        #expect(facts.nextRequest(now: noon) == 1_795_530_600_251)
        facts.connected(hello(.interval, counter: 1_795_530_700_000), now: noon)
        #expect(facts.nextRequest(now: noon) == 1_795_530_700_001)
        facts.connected(hello(.interval, counter: 5), now: noon)
        #expect(facts.nextRequest(now: noon) == 1_795_530_700_002)
    }
}
