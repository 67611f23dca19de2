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
        pair.server.positions = [100: 2]
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
        late.server.positions = [100: 1]
        late.reconnect()
        try late.run()
        #expect(late.server.texts == ["e1", "gap 2-2", "e3", "e4", "e5", "e6"] && late.device.spool.isEmpty)
    }

    @Test("a device put back to an earlier state: a new epoch, everything delivered once")
    func rolledBack() throws {
        var pair = pair(events: 3)
        let copy = pair.device
        pair.raise(deviceEvent("e4"))
        pair.raise(deviceEvent("e5"))
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4", "e5"])

        // The copy holds events 1 to 3 and writes another fourth.
        pair.device = copy
        pair.device.raise(deviceEvent("other 4"))
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome newEpoch", "→ events 1+4", "← eventsStored 4", "→ done"])
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4", "e5", "other 4"] && pair.server.rollBacks == 1)
        #expect(pair.device.epoch == 1100 && pair.device.next == 5 && pair.device.spool.isEmpty)

        pair.device.raise(deviceEvent("e5 of the new epoch"))
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 5+1", "← eventsStored 5", "→ done"])
        #expect(pair.server.rollBacks == 1 && pair.server.events.count == 7)
    }

    @Test("a device put back, with nothing held: a new epoch, and Done")
    func rolledBackEmpty() throws {
        var pair = pair(events: 0)
        pair.server.positions = [100: 5]
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome newEpoch", "→ done"])
        #expect(pair.device.epoch == 1100 && pair.server.rollBacks == 1 && pair.server.completed == 1)
    }

    @Test("an event written while the spool is being numbered anew is sent under the new epoch")
    func renumbering() throws {
        var pair = pair(events: 2)
        pair.server.positions = [100: 5]
        _ = try pair.agentWrites()
        _ = try pair.arriveAtServer(.max)
        while pair.serverWorks() {}
        _ = try pair.serverWrites()
        _ = try pair.arriveAtAgent(.max)
        #expect(pair.agentWork.contains(.renumberEvents))
        pair.raise(deviceEvent("e3"))
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3"] && pair.server.positions == [100: 5, 1100: 3])
    }

    @Test("lost at the server: a gap is stored in their place, and it goes on")
    func lost() throws {
        var pair = pair(events: 8)
        try pair.run()
        pair.server.events.removeLast(5)
        pair.server.positions = [100: 3]
        pair.device.raise(deviceEvent("e9"))
        pair.reconnect()
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3", "gap 4-8", "e9"] && pair.server.positions == [100: 9])
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

@Suite("The agent's events by themselves")
struct EventStreamTests {
    private func event(_ number: UInt64, epoch: UInt64 = 1) -> NumberedEvent {
        NumberedEvent(first: EventSequence(epoch: epoch, number: number), content: .event(deviceEvent("e\(number)")))
    }

    private func welcomed(_ position: EventPosition, stored: UInt64 = 0, credit: Int = 65_536) -> EventStream {
        var stream = EventStream(position: position)
        _ = stream.welcomed(stored: stored, credit: credit, newEpoch: false)
        return stream
    }

    @Test("one read at a time")
    func oneRead() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 3))
        #expect(stream.pump() == [.readEvents(after: 0, maximumBytes: 12_288)])
        #expect(stream.pump() == [])
        #expect(stream.read([event(1)], clockOffset: .zero)?.events.count == 1)
        #expect(stream.pump() == [.readEvents(after: 1, maximumBytes: 12_288)])
        #expect(stream.read([event(2)], clockOffset: .zero)?.first == 2)
        #expect(stream.pump() == [] && !stream.isSettled)
        #expect(stream.stored(epoch: 1, through: 2) == [.deleteEvents(epoch: 1, through: 2)])
        #expect(stream.isSettled)
    }

    @Test("a read that finds nothing settles what was known when it began, and nothing that came since")
    func emptyRead() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 2))
        #expect(stream.pump() == [.readEvents(after: 0, maximumBytes: 12_288)])
        stream.appended(next: 3)
        #expect(stream.read([], clockOffset: .zero) == nil)
        #expect(!stream.isSettled)
        #expect(stream.pump() == [.readEvents(after: 1, maximumBytes: 12_288)])
        #expect(stream.read([event(2)], clockOffset: .zero)?.first == 2)
        #expect(stream.read([event(2)], clockOffset: .zero) == nil, "no read was under way")
        #expect(stream.stored(epoch: 1, through: 9) == [.deleteEvents(epoch: 1, through: 2)])
        #expect(stream.isSettled)
    }

    @Test("events of another epoch than was read for are not sent")
    func otherEpoch() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 2))
        _ = stream.pump()
        #expect(stream.read([event(1, epoch: 2)], clockOffset: .zero) == nil)
        #expect(stream.isSettled)
    }

    @Test("more than a batch takes is read again")
    func tooMany() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 301))
        _ = stream.pump()
        #expect(stream.read((1...300).map { event($0) }, clockOffset: .zero)?.events.count == 200)
        guard case .readEvents(after: 200, _) = stream.pump().first else { return #expect(Bool(false), "not read again") }
    }

    @Test("acknowledgements: of another epoch, of nothing under way, of a part of a batch")
    func acknowledgements() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 4))
        _ = stream.pump()
        _ = stream.read([event(1), event(2)], clockOffset: .zero)
        #expect(stream.stored(epoch: 2, through: 2) == [])
        #expect(stream.stored(epoch: 1, through: 1) == [])
        #expect(stream.stored(epoch: 1, through: .max) == [.deleteEvents(epoch: 1, through: 2)])
        #expect(stream.stored(epoch: 1, through: 2) == [])
        _ = stream.pump()
        _ = stream.read([event(3)], clockOffset: .zero)
        #expect(stream.stored(epoch: 1, through: 3) == [.deleteEvents(epoch: 1, through: 3)])
        #expect(stream.isSettled)
    }

    @Test("what a server calls stored beyond what was ever numbered deletes no more than there is")
    func beyond() {
        var stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 2, next: 4))
        #expect(stream.welcomed(stored: .max, credit: .max, newEpoch: false) == [.deleteEvents(epoch: 1, through: 3)])
        #expect(stream.isSettled && stream.pump() == [])
    }

    @Test("without credit a batch goes at a time")
    func noCredit() {
        var stream = welcomed(EventPosition(epoch: 1, firstHeld: 1, next: 300), credit: 0)
        _ = stream.pump()
        _ = stream.read((1...200).map { event($0) }, clockOffset: .zero)
        let bytes = (1...200).reduce(0) { $0 + event(UInt64($1)).encodedBytes }
        #expect(bytes < 12_288)
        #expect(stream.pump() == [.readEvents(after: 200, maximumBytes: 12_288 - bytes)])
    }
}

@Suite("What the server makes of a position")
struct EventPositionTests {
    @Test("verdicts at the edges")
    func verdicts() {
        func verdict(_ firstHeld: UInt64, _ next: UInt64, stored: UInt64?) -> EventPositionVerdict {
            EventPositionVerdict(device: EventPosition(epoch: 1, firstHeld: firstHeld, next: next), stored: stored)
        }
        #expect(verdict(1, 1, stored: nil) == .goesOn(last: 0))
        #expect(verdict(1, 9, stored: nil) == .goesOn(last: 0))
        #expect(verdict(5, 9, stored: 4) == .goesOn(last: 4))
        #expect(verdict(2, 9, stored: 8) == .goesOn(last: 8))
        #expect(verdict(9, 9, stored: 8) == .goesOn(last: 8))
        #expect(verdict(2, 8, stored: 8) == .deviceRolledBack(last: 8))
        #expect(verdict(1, 1, stored: 1) == .deviceRolledBack(last: 1))
        #expect(verdict(6, 9, stored: 4) == .lostAtServer(first: 5, last: 5))
        #expect(verdict(9, 9, stored: nil) == .lostAtServer(first: 1, last: 8))
    }

    @Test("positions that cannot be")
    func validity() {
        for (firstHeld, next, isValid) in [
            (1, 1, true), (1, 9, true), (0, 1, false), (2, 1, false), (0, 0, false), (1, 1 << 63 - 1, true), (1, 1 << 63, false),
        ] as [(UInt64, UInt64, Bool)] {
            #expect(EventPosition(epoch: 0, firstHeld: firstHeld, next: next).isValid == isValid)
        }
    }
}
