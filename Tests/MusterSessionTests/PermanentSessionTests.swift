import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Sessions that go on, and changes while they run")
struct PermanentSessionTests {
    private func openPair() throws -> Pair {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"]), .installed: largeDocument(50)]
        var pair = Pair(device: device, server: FakeServer())
        try pair.run()
        #expect(pair.isSynchronized)
        return pair
    }

    @Test("a document that changes after Done is offered, and Done said again")
    func afterDone() throws {
        var pair = try openPair()
        let before = pair.transcript.count
        pair.change(.system, document(["hostName": "b", "padding": String(repeating: "x", count: 99)]))
        try pair.run()
        #expect(
            pair.transcript.dropFirst(before) == [
                "→ digests", "← plan wanted(system) coming()", "→ document system whole", "→ chunk", "← result system stored",
                "→ done",
            ])
        #expect(pair.isSynchronized && pair.server.completed == 2 && pair.agent.isComplete)
    }

    @Test("a document that changes back before it is offered costs nothing")
    func changedBack() throws {
        var pair = try openPair()
        pair.raise(deviceEvent("e"))
        let before = pair.transcript.count
        let old = try #require(pair.device.reported[.system])
        pair.change(.system, document(["hostName": "b"]))
        pair.change(.system, old)
        try pair.run()
        #expect(pair.isSynchronized)
        #expect(pair.transcript.dropFirst(before).contains("← plan wanted() coming()"))
    }

    @Test("changes in every state come to be known", arguments: 0..<12)
    func whileOpen(step: Int) throws {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"]), .installed: largeDocument(500)]
        device.raise(deviceEvent("e"))
        var server = FakeServer()
        server.desired = [.agent: largeDocument(400)]
        var pair = Pair(device: device, server: server)
        // A piece of 700 bytes at a time: the change falls into another state at each step.
        for _ in 0..<step {
            while pair.agentWorks() {}
            while try pair.agentWrites() {}
            _ = try pair.arriveAtServer(700)
            while pair.serverWorks() {}
            while try pair.serverWrites() {}
            _ = try pair.arriveAtAgent(700)
        }
        pair.change(.system, document(["hostName": "b\(step)"]))
        pair.change(.hardware, document(["cpu": "2"]))
        try pair.run()
        #expect(pair.isSynchronized && pair.agentClosed == nil && pair.serverClosed == nil && pair.agent.isComplete)
    }

    @Test("desired documents that changed meanwhile come with the next exchange of digests")
    func desired() throws {
        var pair = try openPair()
        pair.server.desired[.agent] = document(["interval": "60"])
        pair.change(.system, document(["hostName": "b"]))
        try pair.run()
        // What is desired is given to a session when its Hello is judged: known to the next one.
        #expect(pair.device.held.isEmpty)
        pair.reconnect()
        try pair.run()
        #expect(pair.isSynchronized)
    }
}

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
