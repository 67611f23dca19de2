import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Events in a session")
struct EventSessionTests {
    private func pair(events: Int, text: String = "e") -> Pair {
        var device = FakeDevice()
        for number in 0..<events { device.raise(deviceEvent("\(text)\(number + 1)")) }
        return Pair(device: device, server: FakeServer())
    }

    @Test("all of them, once, in order, in batches", arguments: [1, 2, 199, 200, 201, 1000])
    func batches(count: Int) throws {
        var pair = pair(events: count)
        try pair.run()
        #expect(pair.server.texts == (1...count).map { "e\($0)" } && pair.device.spool.isEmpty)
        #expect(pair.transcript.first == "→ hello" && pair.transcript.last == "→ done" && pair.server.completed == 1)
        #expect(pair.agent.summary.events == count)
        #expect(pair.transcript.filter { $0.hasPrefix("→ events") }.count == (count + 199) / 200)
    }

    @Test("no more than the credit is under way, whatever waits")
    func credit() throws {
        var pair = pair(events: 100, text: String(repeating: "x", count: 4000))
        pair.holdsStoring = true
        try pair.run()
        // A batch begins while any credit is left.
        #expect(pair.mostUnacknowledged > ServerSession.eventCredit - Muster_V1_EventBatch.maximumBytes)
        #expect(pair.mostUnacknowledged <= ServerSession.eventCredit + DeviceEvent.maximumBytes)
        #expect(pair.server.events.isEmpty && pair.serverClosed == nil && !pair.transcript.contains("→ done"))
        pair.holdsStoring = false
        try pair.run()
        #expect(
            pair.server.events.count == 100 && pair.mostUnacknowledged <= ServerSession.eventCredit + DeviceEvent.maximumBytes)
        #expect(pair.transcript.last == "→ done" && pair.serverClosed == nil)
    }

    @Test("a burst of single small events stays within the batches a server takes")
    func burst() throws {
        var pair = pair(events: 0)
        try pair.run()
        pair.holdsStoring = true
        for number in 1...100 {
            pair.raise(deviceEvent("e\(number)"))
            try pair.run()
        }
        #expect(pair.mostBatches == Muster_V1_EventBatch.maximumInFlight && pair.serverClosed == nil)
        pair.holdsStoring = false
        try pair.run()
        #expect(pair.server.texts == (1...100).map { "e\($0)" } && pair.serverClosed == nil)
    }

    @Test("what is written during the session goes along, also after Done, without another Done")
    func during() throws {
        var pair = pair(events: 2)
        pair.finishesWhenSettled = false
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 1+2", "← eventsStored 2"])
        pair.raise(deviceEvent("e3"))
        try pair.run()
        #expect(pair.transcript.suffix(2) == ["→ events 3+1", "← eventsStored 3"])
        pair.order(pair.agent.finish())
        try pair.run()
        #expect(pair.transcript.last == "→ done" && pair.agent.isComplete)
        pair.raise(deviceEvent("e4"))
        try pair.run()
        #expect(pair.transcript.suffix(3) == ["→ done", "→ events 4+1", "← eventsStored 4"])
        #expect(pair.agent.isComplete && pair.server.completed == 1 && pair.device.spool.isEmpty)
    }

    @Test("finish says nothing while an event is under way, and settled is said again")
    func finishEarly() throws {
        var pair = pair(events: 0)
        pair.finishesWhenSettled = false
        try pair.run()
        pair.raise(deviceEvent("e1"))
        #expect(pair.agent.finish() == [])
        pair.finishesWhenSettled = true
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 1+1", "← eventsStored 1", "→ done"])
    }

    @Test("an acknowledgement lost with its connection: told at the next Welcome, nothing is stored twice")
    func lostAcknowledgement() throws {
        var pair = pair(events: 3)
        pair.server.events = pair.device.spool.dropLast()
        pair.server.positions = [100: StoredPlace(last: 2, stamp: pair.device.spool[1].stamp)]
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 3+1", "← eventsStored 3", "→ done"])
        #expect(pair.server.texts == ["e1", "e2", "e3"])
    }

    @Test("a gap of a full spool takes its numbers, also when it reaches back over what was stored")
    func gap() throws {
        var pair = pair(events: 6)
        pair.device.dropTwo()
        pair.device.dropTwo()
        pair.server.events = pair.device.spool.prefix(0) + []
        try pair.run()
        #expect(pair.server.texts == ["gap 1-3", "e4", "e5", "e6"] && pair.device.next == 7)

        var late = self.pair(events: 6)
        let first = late.device.spool[0]
        late.device.dropTwo()
        late.server.events = [first]
        late.server.positions = [100: StoredPlace(last: 1, stamp: first.stamp)]
        late.reconnect()
        try late.run()
        #expect(late.server.texts == ["e1", "gap 2-2", "e3", "e4", "e5", "e6"] && late.device.spool.isEmpty)
    }

    @Test("lost at the server: a gap is stored in their place, and it goes on")
    func lost() throws {
        var pair = pair(events: 8)
        try pair.run()
        pair.server.events.removeLast(5)
        pair.server.positions = [100: StoredPlace(last: 3, stamp: pair.server.events[2].stamp)]
        pair.device.raise(deviceEvent("e9"))
        pair.reconnect()
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3", "gap 4-8", "e9"] && pair.server.positions[100]?.last == 9)
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 9+1", "← eventsStored 9", "→ done"])
    }

    @Test("lost at the server, and nothing held: Done is taken while the gap is being stored")
    func lostAndEmpty() throws {
        var pair = pair(events: 8)
        try pair.run()
        pair.server = FakeServer()
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ done"])
        #expect(pair.server.texts == ["gap 1-8"] && pair.server.completed == 1 && pair.serverClosed == nil)
    }
}
