import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Synchronizations, both ends playing each other")
struct SynchronizationTests {
    /// A device that was never seen, with three documents and three events; the server has one document for it.
    private func newPair() -> Pair {
        var device = FakeDevice()
        device.reported = [
            .system: document(["hostName": "web-1"]), .installed: largeDocument(900), .hardware: document(["cpu": "4"]),
        ]
        for number in 1...3 { device.raise(deviceEvent("event \(number)")) }
        var server = FakeServer()
        server.desired = [.agent: document(["interval": "900"])]
        return Pair(device: device, server: server)
    }

    /// The same after its first synchronization.
    private func knownPair() throws -> Pair {
        var pair = newPair()
        try pair.run()
        #expect(pair.isSynchronized)
        pair.reconnect()
        return pair
    }

    @Test("the first moves everything")
    func first() throws {
        var pair = newPair()
        try pair.run()
        #expect(
            pair.transcript.filter { !$0.hasSuffix("chunk") }
                == [
                    "→ hello digests",
                    "← welcome wanted(system,installed,hardware) coming(agent)",
                    "← document agent whole",
                    // Answers go first, then events, then documents.
                    "→ result agent stored",
                    "→ events 1+3",
                    "→ document system whole",
                    "→ document installed whole",
                    "→ document hardware whole",
                    "← result system stored",
                    "← result installed stored",
                    "← result hardware stored",
                    "← eventsStored 3",
                    "→ done",
                ])
        #expect(pair.isSynchronized && pair.server.completed == 1)
        #expect(pair.server.texts == ["event 1", "event 2", "event 3"])
        #expect(pair.server.delivered == pair.server.desired.mapValues(\.digest))
        #expect(pair.agent.isComplete && pair.agentClosed == nil && pair.serverClosed == nil)
        var expected = SessionSummary()
        expected.isComplete = true
        expected.documentsSent = 3
        expected.documentBytesSent = pair.agent.summary.documentBytesSent
        expected.documentsReceived = 1
        expected.events = 3
        #expect(pair.agent.summary == expected)
        #expect(pair.server.reserved.isEmpty)
    }

    @Test("in pieces of any size it comes to the same", arguments: [1, 2, 5, 4096])
    func pieces(size: Int) throws {
        var whole = newPair()
        try whole.run()
        var pair = newPair()
        try pair.run(piece: size)
        #expect(pair.isSynchronized && pair.server.completed == 1 && pair.server.texts == whole.server.texts)
        #expect(pair.transcript.sorted() == whole.transcript.sorted())
    }

    @Test("the second moves nothing and takes one round trip", arguments: [1, .max])
    func second(piece: Int) throws {
        var pair = try knownPair()
        try pair.run(piece: piece)
        #expect(pair.transcript == ["→ hello", "← welcome", "→ done"])
        #expect(pair.server.completed == 2 && pair.agent.isComplete && pair.agent.nextFrame() == nil)
        #expect(pair.device.word?.nextSynchronization == .minutes(15) && pair.device.word?.time == noon)
    }

    @Test("a device with nothing to tell still says Done")
    func nothing() throws {
        var pair = Pair(device: FakeDevice(), server: FakeServer())
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ done"])
        #expect(pair.server.completed == 1)
    }

    @Test("a changed document moves as a patch, in two round trips")
    func patch() throws {
        var pair = try knownPair()
        pair.device.reported[.installed] = Document(sorting: largeDocument(900).items().dropLast())
        pair.reconnect()
        try pair.run()
        #expect(
            pair.transcript == [
                "→ hello digests", "← welcome wanted(installed) coming()", "→ document installed patch", "→ chunk",
                "← result installed stored", "→ done",
            ])
        #expect(pair.isSynchronized && pair.agent.summary.documentBytesSent < 50)
    }

    @Test("the server asks for digests when it has an older state than the agent knows of")
    func serverOlder() throws {
        var pair = try knownPair()
        pair.server.reported[.system] = document(["hostName": "old"])
        try pair.run()
        #expect(
            pair.transcript == [
                "→ hello", "← welcome wantDigests", "→ digests", "← plan wanted(system) coming()", "→ document system whole",
                "→ chunk",
                "← result system stored", "→ done",
            ])
        #expect(pair.isSynchronized)
    }

    @Test("a basis the server lost: sent whole")
    func basisUnknown() throws {
        var pair = try knownPair()
        pair.device.reported[.installed] = Document(sorting: largeDocument(900).items().dropLast())
        pair.server.storeStatuses = [.basisUnknown]
        pair.reconnect()
        try pair.run()
        #expect(
            pair.transcript.filter { !$0.hasSuffix("chunk") } == [
                "→ hello digests", "← welcome wanted(installed) coming()", "→ document installed patch",
                "← result installed basisUnknown", "→ document installed whole", "← result installed stored", "→ done",
            ])
        #expect(pair.isSynchronized && pair.server.reserved.isEmpty)
    }

    @Test("a patch that comes to another digest: sent whole, once; refused again, the session goes on without it")
    func mismatch() throws {
        var pair = try knownPair()
        pair.device.reported[.installed] = Document(sorting: largeDocument(900).items().dropLast())
        pair.server.storeStatuses = [.digestMismatch, .digestMismatch]
        pair.reconnect()
        try pair.run()
        #expect(
            pair.transcript.filter { $0.contains("document") } == ["→ document installed patch", "→ document installed whole"])
        #expect(pair.transcript.last == "→ done" && pair.server.completed == 2 && pair.serverClosed == nil)
        // The next session tries again.
        pair.reconnect()
        try pair.run()
        #expect(pair.isSynchronized && pair.server.completed == 3)
    }

    @Test(
        "a refused document ends neither the session nor the next",
        arguments: [.busy, .outdated, .malformed] as [Muster_V1_DocumentStatus])
    func refused(status: Muster_V1_DocumentStatus) throws {
        var pair = newPair()
        pair.server.storeStatuses = [.stored, status]
        try pair.run()
        #expect(pair.transcript.last == "→ done" && pair.server.completed == 1 && !pair.isSynchronized)
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript.first == "→ hello digests" && pair.isSynchronized && pair.server.completed == 2)
    }

    @Test("a result lost with its connection: learnt at the next Welcome, so that the one after is the usual one")
    func lostResult() throws {
        var pair = try knownPair()
        pair.device.acknowledged[.installed] = nil
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello digests", "← welcome", "→ done"])
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ done"])
        // The same when another document is wanted.
        pair.device.acknowledged = [:]
        pair.device.reported[.system] = document(["hostName": "b"])
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript.contains("← welcome wanted(system) coming()") && pair.isSynchronized)
    }

    @Test("a desired document comes when the device holds another state of it, and only then")
    func desired() throws {
        var pair = try knownPair()
        pair.server.desired[.agent] = largeDocument(2000)
        try pair.run()
        #expect(
            pair.transcript.filter { !$0.hasSuffix("chunk") } == [
                "→ hello", "← welcome wantDigests", "→ digests", "← plan wanted() coming(agent)", "← document agent whole",
                "→ result agent stored", "→ done",
            ])
        #expect(pair.isSynchronized)
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ done"])
    }

    @Test("a desired document that cannot be held is told, and comes again in the next session", arguments: [1, .max])
    func notHeld(piece: Int) throws {
        var pair = newPair()
        pair.device.holdStatuses = [.busy]
        pair.reconnect()
        try pair.run(piece: piece)
        #expect(pair.transcript.contains("→ result agent busy") && pair.server.completed == 1 && pair.server.delivered.isEmpty)
        pair.reconnect()
        try pair.run()
        #expect(pair.isSynchronized && !pair.server.delivered.isEmpty)
    }

    @Test("no memory for a document: told to come back, nothing stored")
    func noMemory() throws {
        var pair = newPair()
        pair.server.hasMemory = false
        try pair.run(piece: 64)
        #expect(pair.transcript.last == "← goodbye busy" && pair.serverClosed == .busy && pair.agentClosed == .busy)
        #expect(pair.server.reported.isEmpty && pair.device.acknowledged.isEmpty)
    }

    @Test("a server of later features: what both know is served")
    func features() throws {
        var pair = newPair()
        try pair.run()
        var word = try #require(pair.device.word)
        word.features = FeatureSet(documents: [.system])
        pair.device.word = word
        pair.reconnect()
        // The agent thinks that the server knows one document alone: roots differ, digests settle it.
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome wantDigests", "→ digests", "← plan wanted() coming()", "→ done"])
        #expect(pair.device.word?.features == .own)
    }
}
