import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

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
