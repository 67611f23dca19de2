import MusterModel
import Testing

@testable import MusterAgent

@Suite("What a check says of UDP")
struct UDPSeenTests {
    private func findings(
        _ requests: UDPSeen.Requests, noticeReceived: Timestamp? = nil, isServerAsked: Bool = true
    ) -> [String] {
        UDPSeen(requests: requests, noticeReceived: noticeReceived, isServerAsked: isServerAsked).findings
            .map { "\($0.verdict.rawValue) \($0.code)" }
    }

    private func listening(_ firewall: UDPSeen.Firewall) -> UDPSeen.Requests {
        .listening(port: 15_000, firewall, lastAccepted: nil)
    }

    @Test("connection requests: the port, then the firewall; each of the two is named when it is missing")
    func requests() throws {
        #expect(findings(.switchedOff).first == "not-tried switchedOff")
        #expect(findings(.noAgent).first == "not-tried noAgent")
        #expect(findings(.notListening(port: 15_000, why: "in use")).first == "failed notListening")
        #expect(findings(listening(.open)).first == "ok listening")
        #expect(findings(listening(.unknown(detail: ""))).first == "ok firewallUnknown")
        let closed = UDPSeen(
            requests: listening(.closed(name: "ufw", isManaged: false, detail: "")), noticeReceived: nil, isServerAsked: true
        ).findings[0]
        #expect(closed.verdict == .failed && closed.code == "firewallClosed" && closed.text.contains("ufw"))
        #expect(closed.advice?.contains("UDP 15000") == true)
        let managed = UDPSeen(
            requests: listening(.closed(name: "ufw", isManaged: true, detail: "no rights")), noticeReceived: nil,
            isServerAsked: true
        ).findings[0]
        #expect(managed.text.contains("no rights") && managed.advice != closed.advice)
    }

    @Test("shutdown notices: what the server says, and no failure where it says nothing")
    func notices() {
        let time = Timestamp(milliseconds: 1_795_530_600_250)
        #expect(findings(.noAgent, noticeReceived: time) == ["not-tried noAgent", "ok noticeReceived"])
        #expect(findings(.noAgent) == ["not-tried noAgent", "not-tried noNotice"])
        #expect(findings(.noAgent, isServerAsked: false) == ["not-tried noAgent", "not-tried notAsked"])
        #expect(findings(.notEnrolled, isServerAsked: false) == ["not-tried notEnrolled"])
    }
}
