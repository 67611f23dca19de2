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
