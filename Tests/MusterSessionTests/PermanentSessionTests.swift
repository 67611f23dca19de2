import FoundationEssentials
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

@Suite("Permanent connections")
struct PermanentConnectionTests {
    private func openPair(_ change: (inout FakeServer) -> Void = { _ in }) throws -> Pair {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"])]
        var server = FakeServer()
        server.isPermanent = true
        server.desired = [.agent: document(["interval": "60"])]
        change(&server)
        var pair = Pair(device: device, server: server)
        try pair.run()
        #expect(pair.isSynchronized && pair.agent.isPermanent && pair.agent.isAtRest && pair.server.completed == 1)
        return pair
    }

    @Test("what the device should hold travels as it changes, and is a synchronization of its own")
    func desired() throws {
        var pair = try openPair()
        let before = pair.transcript.count
        pair.server.desired[.agent] = document(["interval": "120"])
        pair.order(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(2)))
        try pair.run()
        #expect(
            pair.transcript.dropFirst(before) == [
                "← digestsWanted", "→ digests", "← plan wanted() coming(agent)", "← document agent whole", "← chunk",
                "→ result agent stored", "→ done",
            ])
        #expect(pair.isSynchronized && pair.server.completed == 2 && pair.device.nextOfPlan == .minutes(2))
    }

    @Test("a change told twice before the device answers is asked for once, and nothing is said without one")
    func toldTwice() throws {
        var pair = try openPair()
        let before = pair.transcript.count
        #expect(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(15)) == [])
        try pair.run()
        #expect(pair.transcript.count == before)
        for interval in ["120", "180"] {
            pair.server.desired[.agent] = document(["interval": interval])
            pair.order(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(15)))
        }
        try pair.run()
        #expect(pair.transcript.filter { $0 == "← digestsWanted" }.count == 1 && pair.isSynchronized)
    }

    @Test("both sides change at once, at every moment", arguments: 0..<10)
    func bothChange(step: Int) throws {
        var pair = try openPair()
        pair.change(.system, document(["hostName": "b"]))
        for _ in 0..<step {
            while pair.agentWorks() {}
            while try pair.agentWrites() {}
            _ = try pair.arriveAtServer(40)
            while pair.serverWorks() {}
            while try pair.serverWrites() {}
            _ = try pair.arriveAtAgent(40)
        }
        pair.server.desired[.agent] = document(["interval": "\(step)"])
        pair.order(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(15)))
        try pair.run()
        #expect(pair.isSynchronized && pair.agentClosed == nil && pair.serverClosed == nil && pair.agent.isAtRest)
    }

    @Test("a synchronization is due: digests go, nothing else")
    func due() throws {
        var pair = try openPair()
        let before = pair.transcript.count
        pair.order(pair.agent.synchronize())
        try pair.run()
        #expect(pair.transcript.dropFirst(before) == ["→ digests", "← plan wanted() coming()", "→ done"])
        #expect(pair.server.completed == 2 && pair.device.nextOfPlan == .minutes(15))
    }

    @Test("events are stored as they are written, without another Done")
    func events() throws {
        var pair = try openPair()
        let before = pair.transcript.count
        pair.raise(deviceEvent("e"))
        try pair.run()
        #expect(pair.transcript.dropFirst(before) == ["→ events 1+1", "← eventsStored 1"])
        #expect(pair.server.texts == ["e"] && pair.device.spool.isEmpty && pair.server.completed == 1)
    }

    @Test("a silent one is pinged twice and is dead after two and a half intervals; a word makes it young again")
    func silence() throws {
        var pair = try openPair()
        #expect(pair.session.silence == .seconds(60))
        #expect(pair.session.fellSilent() == [] && pair.session.silence == .seconds(60))
        try pair.run()
        #expect(pair.transcript.suffix(2) == ["← ping", "→ pong"])
        #expect(pair.session.fellSilent() == [] && pair.session.fellSilent() == [])
        #expect(pair.session.silence == .seconds(30) && pair.session.frames().map(line) == ["ping", "ping"])
        #expect(pair.session.fellSilent() == [.close(.idleTimeout, text: "")])
    }

    @Test("unticked: it ends when everything under way is done, with the time of the next synchronization")
    func released() throws {
        var pair = try openPair()
        pair.server.desired[.agent] = document(["interval": "300"])
        pair.order(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(5)))
        pair.order(pair.session.permanenceChanged(false))
        try pair.run()
        #expect(pair.transcript.suffix(2) == ["→ done", "← goodbye permanentConnectionEnded"])
        #expect(pair.device.held == pair.server.desired && pair.agentClosed == .permanentConnectionEnded)
    }

    @Test("unticked and ticked again before it ended: it stays")
    func changedMind() throws {
        var pair = try openPair()
        pair.server.desired[.agent] = document(["interval": "300"])
        pair.order(pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(5)))
        pair.order(pair.session.permanenceChanged(false))
        pair.order(pair.session.permanenceChanged(true))
        try pair.run()
        #expect(pair.serverClosed == nil && pair.agent.isAtRest && pair.isSynchronized)
    }

    @Test("one that is let go and does not answer is not waited for")
    func releasedAndSilent() throws {
        var pair = try openPair()
        pair.server.desired[.agent] = document(["interval": "300"])
        _ = pair.session.desiredChanged(pair.server.known.desired, nextSynchronization: .minutes(5))
        #expect(pair.session.permanenceChanged(false) == [])
        #expect(pair.session.fellSilent() == [.close(.permanentConnectionEnded, text: "")])
    }

    @Test("an agent that does not know how gets a session that ends with Done")
    func oldAgent() {
        var session = ServerSession()
        var hello = FakeDevice().hello
        hello.features.capabilities = []
        _ = session.received(Muster_V1_Frame(.hello(hello)))
        var server = FakeServer()
        server.isPermanent = true
        server.actions = [ActionOrder(id: .random(), kind: 1)]
        _ = session.recognized(server.known, now: noon)
        let frames = session.frames()
        #expect(frames.map(line) == ["welcome"] && !frames[0].welcome.permanent && !session.isPermanent)
        #expect(session.received(Muster_V1_Frame(.done(Muster_V1_Done()))) == [.completed(next: nil)])
    }

    @Test("the server is asked whether it is there, and answers")
    func probe() throws {
        var pair = try openPair()
        pair.order(pair.agent.probe())
        try pair.run()
        #expect(pair.transcript.suffix(2) == ["→ ping", "← pong"])
    }
}

@Suite("Actions in a session")
struct ActionSessionTests {
    private func pair(permanent: Bool, _ orders: [ActionOrder]) -> Pair {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"])]
        device.acknowledged = device.reported
        device.statistics = DeviceStatistics(collected: noon, applications: ["device": ["uptime-seconds": 5]])
        var server = FakeServer()
        server.isPermanent = permanent
        server.reported = device.reported
        server.actions = orders
        return Pair(device: device, server: server)
    }

    private let order = ActionOrder(id: .random(), kind: ActionKind.synchronize.rawValue, expiresAfter: .hours(1))

    @Test("said after Welcome, done and settled before Done")
    func periodic() throws {
        var pair = pair(permanent: false, [order])
        try pair.run()
        #expect(
            pair.transcript == [
                "→ hello", "← welcome", "← action synchronize", "→ actionReport accepted", "→ statistics", "→ digests",
                "← plan wanted() coming()", "→ actionReport done", "← actionSettled", "→ done",
            ])
        #expect(pair.server.reports == ["accepted", "done"] && pair.device.actions.isEmpty && pair.device.collected == 1)
        #expect(pair.server.statistics.first?.applications["device"] == ["uptime-seconds": 5])
    }

    @Test("said on an open connection")
    func permanent() throws {
        var pair = pair(permanent: true, [])
        try pair.run()
        let before = pair.transcript.count
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        try pair.run()
        #expect(
            pair.transcript.dropFirst(before) == [
                "← action synchronize", "→ actionReport accepted", "→ statistics", "→ digests", "← plan wanted() coming()",
                "→ actionReport done", "← actionSettled", "→ done",
            ])
        #expect(pair.server.completed == 2)
    }

    @Test("what changed since the last look travels with it")
    func changed() throws {
        var pair = pair(permanent: true, [])
        try pair.run()
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        pair.device.reported[.system] = document(["hostName": "changed"])
        try pair.run()
        #expect(pair.isSynchronized && pair.server.reports == ["accepted", "done"])
    }

    @Test("the same action again, in the same session and in the next, is done once")
    func again() throws {
        var pair = pair(permanent: true, [order])
        try pair.run()
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        // The server's word that it is settled came before: to the device it is a new one, and doing it again is harmless.
        try pair.run()
        #expect(pair.device.collected == 2 && pair.agentClosed == nil)
        pair.device.actions[order.id] = ActionReport(id: order.id, progress: .done, time: noon)
        pair.reconnect()
        try pair.run()
        #expect(pair.device.collected == 2 && pair.device.actions.isEmpty && pair.server.reports.suffix(1) == ["done"])
    }

    @Test("an action that was accepted and lost its connection is gone on with")
    func goesOn() throws {
        var pair = pair(permanent: false, [])
        pair.device.actions[order.id] = ActionReport(id: order.id, progress: .accepted, time: noon)
        pair.reconnect()
        try pair.run()
        #expect(pair.device.collected == 1 && pair.server.reports == ["done"] && pair.device.actions.isEmpty)
        #expect(pair.transcript.last == "→ done")
    }

    @Test("a kind that is not known fails, and says so")
    func unknownKind() throws {
        var pair = pair(permanent: false, [ActionOrder(id: .random(), kind: 77)])
        try pair.run()
        #expect(pair.server.reports == ["failed"] && pair.device.collected == 0 && pair.transcript.last == "→ done")
    }

    @Test("two at once are one look at the device")
    func twoAtOnce() throws {
        var pair = pair(permanent: false, [order, ActionOrder(id: .random(), kind: 1)])
        try pair.run()
        #expect(pair.device.collected == 1 && pair.server.reports.filter { $0 == "done" }.count == 2)
        #expect(pair.transcript.last == "→ done")
    }

    @Test("damaged ones end the session: no id, too much text, no progress")
    func damaged() {
        var session = ServerSession()
        _ = session.received(Muster_V1_Frame(.hello(FakeDevice().hello)))
        _ = session.recognized(FakeServer().known, now: noon)
        for change: (inout Muster_V1_ActionReport) -> Void in [
            { $0.id = .init() }, { $0.progress = .unknown }, { $0.text = String(repeating: "x", count: 1025) },
        ] {
            var copy = session
            var report = ActionReport(id: .random(), progress: .done, time: noon).message
            change(&report)
            let actions = copy.received(Muster_V1_Frame(.actionReport(report)))
            guard case .close(.malformedFrame, _) = actions.first else {
                Issue.record("\(actions)")
                continue
            }
        }
        var agent = AgentSession(FakeDevice().opening())
        _ = agent.received(Muster_V1_Frame(.welcome(Muster_V1_Welcome())))
        guard case .close(.malformedFrame, _, _) = agent.received(Muster_V1_Frame(.action(Muster_V1_Action()))).first else {
            Issue.record("an action without an id was taken")
            return
        }
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
