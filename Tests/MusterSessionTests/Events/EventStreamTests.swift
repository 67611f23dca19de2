import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("The agent's events by themselves")
struct EventStreamTests {
    private func event(_ number: UInt64, epoch: UInt64 = 1) -> NumberedEvent {
        NumberedEvent(
            first: EventSequence(epoch: epoch, number: number), stamp: number, content: .event(deviceEvent("e\(number)")))
    }

    private func welcomed(_ position: EventPosition, stored: UInt64 = 0, credit: Int = 65_536) -> EventStream {
        var stream = EventStream(position: position)
        _ = stream.welcomed(stored: StoredPlace(last: stored, stamp: 0), credit: credit)
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

    @Test("what the server has last is judged by its stamp before anything is read or deleted")
    func judging() {
        let stored = StoredPlace(last: 3, stamp: 33)
        var stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 2, next: 6))
        #expect(stream.welcomed(stored: stored, credit: .max) == [.judgeStored(stored)])
        #expect(stream.pump() == [] && !stream.isSettled)
        var other = stream
        #expect(stream.judged(stored, isOurs: true) == [.deleteEvents(epoch: 1, through: 3)])
        #expect(stream.pump() == [.readEvents(after: 3, maximumBytes: 12_288)])
        #expect(stream.judged(stored, isOurs: false) == [], "once only")

        #expect(other.judged(stored, isOurs: false) == [.beginEpoch(stored)])
        #expect(other.pump() == [] && !other.isSettled)
        other.epochBegun(EventPosition(epoch: 2, firstHeld: 1, next: 6))
        #expect(other.pump() == [.readEvents(after: 0, maximumBytes: 12_288)])
    }

    @Test("a stamp that is not known, or of an event before the one deleted last, is not judged")
    func notJudged() {
        var stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 4, next: 6))
        #expect(stream.welcomed(stored: StoredPlace(last: 4, stamp: 0), credit: .max) == [.deleteEvents(epoch: 1, through: 4)])
        stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 4, next: 6))
        #expect(stream.welcomed(stored: StoredPlace(last: 2, stamp: 9), credit: .max) == [])
        #expect(!stream.isSettled)
        stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 4, next: 6))
        let last = StoredPlace(last: 3, stamp: 9)
        #expect(stream.welcomed(stored: last, credit: .max) == [.judgeStored(last)])
    }

    @Test("a server that has more than was ever numbered here has other events: nothing is deleted, a new epoch begins")
    func beyond() {
        for stored in [StoredPlace(last: 4, stamp: 0), StoredPlace(last: .max, stamp: 1)] {
            var stream = EventStream(position: EventPosition(epoch: 1, firstHeld: 2, next: 4))
            #expect(stream.welcomed(stored: stored, credit: .max) == [.beginEpoch(stored)])
        }
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
        func verdict(_ firstHeld: UInt64, _ next: UInt64, stored: UInt64) -> EventPositionVerdict {
            EventPositionVerdict(device: EventPosition(epoch: 1, firstHeld: firstHeld, next: next), stored: stored)
        }
        #expect(verdict(1, 1, stored: 0) == .goesOn(last: 0))
        #expect(verdict(1, 9, stored: 0) == .goesOn(last: 0))
        #expect(verdict(5, 9, stored: 4) == .goesOn(last: 4))
        #expect(verdict(2, 9, stored: 8) == .goesOn(last: 8))
        #expect(verdict(9, 9, stored: 8) == .goesOn(last: 8))
        #expect(verdict(2, 8, stored: 8) == .goesOn(last: 8), "the device sees that it was put back")
        #expect(verdict(1, 1, stored: .max) == .goesOn(last: .max))
        #expect(verdict(6, 9, stored: 4) == .lostAtServer(first: 5, last: 5))
        #expect(verdict(9, 9, stored: 0) == .lostAtServer(first: 1, last: 8))
    }

    @Test("positions that cannot be")
    func validity() {
        for (firstHeld, next, isValid) in [
            (1, 1, true), (1, 9, true), (0, 1, false), (2, 1, false), (0, 0, false), (1, 1 << 63 - 1, true), (1, 1 << 63, false),
        ] as [(UInt64, UInt64, Bool)] {
            #expect(EventPosition(epoch: 7, firstHeld: firstHeld, next: next).isValid == isValid)
        }
        #expect(!EventPosition(epoch: 0, firstHeld: 1, next: 1).isValid)
    }
}
