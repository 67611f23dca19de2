import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Renewal of certificates in a session")
struct RenewalTests {
    private func pair(_ renewal: Muster_V1_Renewal) -> Pair {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"])]
        device.raise(deviceEvent("e"))
        var server = FakeServer()
        server.renewal = renewal
        return Pair(device: device, server: server)
    }

    @Test("due: renewed beside everything else, before Done")
    func due() throws {
        var pair = pair(.due)
        try pair.run()
        #expect(pair.transcript.first == "→ hello digests" && pair.transcript.last == "→ done")
        #expect(pair.transcript.contains("→ renewal") && pair.transcript.contains("← certificate"))
        #expect(pair.device.certificates == [[1, 2, 3, 9]] && pair.isSynchronized && pair.agent.summary.isCertificateRenewed)
        #expect(pair.server.completed == 1)
    }

    @Test("due: Done waits for the certificate to be saved")
    func waits() throws {
        var pair = pair(.due)
        pair.finishesWhenSettled = false
        try pair.run()
        #expect(pair.agentWork.isEmpty && !pair.transcript.contains("→ done"))
        var agent = AgentSession(FakeDevice().opening())
        _ = agent.frames()
        var welcome = Muster_V1_Welcome()
        welcome.renewal = .due
        let actions = agent.received(Muster_V1_Frame(.welcome(welcome)))
        #expect(actions.contains(.makeCertificateRequest) && !actions.contains(.settled) && agent.finish() == [])
        #expect(agent.certificateRequestReady([1]) == [] && agent.finish() == [] && agent.frames().map(line) == ["renewal"])
        #expect(agent.received(Muster_V1_Frame(.certificate(Muster_V1_CertificateIssued()))) == [.saveCertificate([])])
        #expect(agent.finish() == [])
        #expect(agent.certificateSaved() == [.settled] && agent.finish() == [] && agent.frames().map(line) == ["done"])
    }

    @Test("expired: renewal and nothing else, then the agent comes back with the new one")
    func only() throws {
        var pair = pair(.only)
        try pair.run()
        #expect(
            pair.transcript == [
                "→ hello digests", "← welcome renewal(only)", "→ renewal", "← certificate", "→ goodbye certificateRenewed",
            ])
        #expect(pair.agentClosed == .certificateRenewed && pair.serverClosed == .certificateRenewed)
        #expect(pair.device.certificates.count == 1 && pair.server.events.isEmpty && pair.server.reported.isEmpty)
        pair.server.renewal = .none
        pair.reconnect()
        try pair.run()
        #expect(pair.isSynchronized)
    }

    @Test("a request or a certificate that is ready too late is not said after Goodbye")
    func late() {
        var agent = AgentSession(FakeDevice().opening())
        var welcome = Muster_V1_Welcome()
        welcome.renewal = .due
        _ = agent.received(Muster_V1_Frame(.welcome(welcome)))
        _ = agent.stop(.agentStopping)
        #expect(agent.certificateRequestReady([1]) == [] && agent.frames().map(line) == ["goodbye agentStopping"])

        var session = ServerSession()
        _ = session.received(Muster_V1_Frame(.hello(FakeDevice().hello)))
        var server = FakeServer()
        server.renewal = .due
        _ = session.recognized(server.known, now: noon)
        #expect(session.received(Muster_V1_Frame(.renewal(Muster_V1_RenewalRequest()))) == [.issueCertificate(request: [])])
        _ = session.stop(.serverStopping)
        #expect(session.certificateIssued([1]) == [] && session.frames().map(line) == ["goodbye serverStopping"])
    }

    @Test("a second request, and one that is not due")
    func notDue() throws {
        let renewal = Muster_V1_Frame(.renewal(Muster_V1_RenewalRequest()))
        for state in [Muster_V1_Renewal.none, .due, .only] {
            var session = ServerSession()
            _ = session.received(Muster_V1_Frame(.hello(FakeDevice().hello)))
            var server = FakeServer()
            server.renewal = state
            _ = session.recognized(server.known, now: noon)
            if state != .none { #expect(session.received(renewal) == [.issueCertificate(request: [])]) }
            #expect(session.received(renewal) == [.close(.unexpectedMessage, text: "renewal is not due")])
        }
    }

    @Test("the first use of a certificate is written down first, also when it may only renew", arguments: [true, false])
    func firstUse(_ isFirstUse: Bool) {
        for renewal in [Muster_V1_Renewal.none, .due, .only] {
            var session = ServerSession()
            _ = session.received(Muster_V1_Frame(.hello(FakeDevice().hello)))
            var server = FakeServer()
            server.renewal = renewal
            var known = server.known
            known.isFirstUse = isFirstUse
            let first = session.recognized(known, now: noon).first
            #expect((first == .markCertificateUsed) == isFirstUse)
        }
    }
}
