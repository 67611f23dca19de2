import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("What waits to be written")
struct OutboxTests {
    private func next(_ outbox: inout Outbox) -> String? { outbox.next().map(line) }

    private func stored(_ last: UInt64, epoch: UInt64 = 1) -> Muster_V1_EventsStored {
        var stored = Muster_V1_EventsStored()
        stored.epoch = epoch
        stored.last = last
        return stored
    }

    @Test("control, acknowledgements, events, documents; an event waits for no more than one chunk")
    func priority() {
        var outbox = Outbox()
        outbox.append(document: OutgoingDocument(largeDocument(3000), named: .installed))
        #expect(next(&outbox) == "document installed whole")
        #expect(next(&outbox) == "chunk")
        outbox.append(events: Message.batch(epoch: 1, first: 1))
        outbox.append(acknowledgement: stored(1))
        outbox.append(control: .ping(Muster_V1_Ping()))
        outbox.append(control: .done(Muster_V1_Done()))
        #expect((0..<5).map { _ in next(&outbox) } == ["ping", "done", "eventsStored 1", "events 1+1", "chunk"])
    }

    @Test("documents go one after the other, and the outbox is empty with the last byte")
    func documents() {
        var outbox = Outbox()
        outbox.append(document: OutgoingDocument(document(["a": "1"]), named: .system))
        outbox.append(document: OutgoingDocument(.empty, named: .hardware))
        outbox.append(document: OutgoingDocument(document(["a": "1"]), named: .installed))
        let lines = (0..<5).map { _ in next(&outbox) }
        #expect(lines == ["document system whole", "chunk", "document hardware whole", "document installed whole", "chunk"])
        #expect(outbox.isEmpty && outbox.next() == nil)
    }

    @Test("a later acknowledgement covers the earlier one of its epoch")
    func acknowledgements() {
        var outbox = Outbox()
        for number in 1...5 as ClosedRange<UInt64> { outbox.append(acknowledgement: stored(number)) }
        outbox.append(acknowledgement: stored(1, epoch: 2))
        #expect((0..<3).map { _ in next(&outbox) } == ["eventsStored 5", "eventsStored 1", nil])
    }

    @Test("after removeAll nothing of a document that was half sent is left")
    func removed() {
        var outbox = Outbox()
        outbox.append(document: OutgoingDocument(largeDocument(3000), named: .installed))
        _ = (next(&outbox), next(&outbox))
        outbox.removeAll()
        #expect(outbox.isEmpty)
        outbox.append(document: OutgoingDocument(document(["a": "1"]), named: .system))
        #expect(next(&outbox) == "document system whole")
    }
}
