import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("The server's end: messages that have no place")
struct ServerRefusalTests {
    enum State: String, CaseIterable, Sendable { case awaitingHello, judging, active, renewing, complete, closed }

    /// A session brought to a state by what it hears; its outbox is empty, nothing of it is open.
    static func session(in state: State, server: FakeServer = FakeServer(), device: FakeDevice = FakeDevice()) -> ServerSession {
        var session = ServerSession()
        var server = server
        if state == .awaitingHello { return session }
        _ = session.received(Muster_V1_Frame(.hello(device.hello)))
        if state == .judging { return session }
        if state == .renewing { server.renewal = .only }
        _ = session.recognized(server.known, now: noon)
        if state == .complete { _ = session.received(Message.done.frame) }
        if state == .closed { _ = session.stop(.serverStopping) }
        _ = session.frames()
        return session
    }

    static func closes(_ actions: [ServerSession.Action]) -> [CloseReason] {
        actions.compactMap { if case .close(let reason, _) = $0 { reason } else { nil } }
    }

    /// Nil: the message is taken.
    private func reason(_ message: Message, in state: State) -> CloseReason? {
        switch (message, state) {
        case (.hello, .awaitingHello): nil
        case (.hello, _): .secondHello
        case (.goodbye, _): .replaced
        case (.pong, .awaitingHello), (.later, .awaitingHello): .unexpectedMessage
        case (.pong, _), (.later, _), (.ping, .active), (.ping, .complete), (.digests, .active), (.digests, .complete): nil
        case (.done, .active), (.renewal, .renewing): nil
        case (.document, .active), (.document, .complete), (.chunk, .active), (.chunk, .complete): .malformedDocument
        case (.events, .active), (.events, .complete): .eventsOutOfOrder
        default: .unexpectedMessage
        }
    }

    @Test(
        "every message in every state: taken, or closed with its reason and Goodbye, for good", arguments: State.allCases,
        Message.allCases)
    func matrix(state: State, message: Message) {
        var session = Self.session(in: state)
        let closes = Self.closes(session.received(message.frame))
        guard state != .closed else {
            #expect(closes.isEmpty && session.frames().isEmpty)
            return
        }
        let reason = reason(message, in: state)
        #expect(closes == (reason.map { [$0] } ?? []))
        guard let reason else { return }
        #expect(session.frames().map(line) == (message == .goodbye ? [] : ["goodbye \(reason.code)"]))
        for message in Message.allCases { #expect(session.received(message.frame) == []) }
        #expect(session.recognized(FakeServer().known, now: noon) == [] && session.refused(.busy) == [])
        #expect(session.eventsStored(epoch: 100, through: 1) == [] && session.memoryReserved(false) == [])
        #expect(session.documentStored(.system, Document.empty.digest, .stored) == [] && session.certificateIssued([1]) == [])
        #expect(session.documentReady(OutgoingDocument(.empty, named: .agent)) == [] && session.stop(.serverStopping) == [])
        #expect(session.frames().isEmpty && !session.hasFrames)
    }

    @Test("a device that is refused is told why and when to come back")
    func refused() {
        var session = Self.session(in: .judging)
        #expect(session.refused(.busy, retryAfter: .seconds(30), text: "later") == [.close(.busy, text: "later")])
        guard case .goodbye(let goodbye) = session.nextFrame()?.body else { return #expect(Bool(false), "no Goodbye") }
        #expect(goodbye.reason == CloseReason.busy.rawValue && goodbye.retryAfter == 30_000 && goodbye.text == "later")
        #expect(session.nextFrame() == nil && session.recognized(FakeServer().known, now: noon) == [])
    }

    @Test("a Hello of another major version, without roots, with a position that cannot be")
    func hellos() {
        func reason(_ change: (inout Muster_V1_Hello) -> Void) -> [CloseReason] {
            var hello = FakeDevice().hello
            change(&hello)
            var session = ServerSession()
            return Self.closes(session.received(Muster_V1_Frame(.hello(hello))))
        }
        #expect(reason { _ in } == [])
        #expect(reason { $0.version = 2 } == [.unsupportedVersion])
        #expect(reason { $0.reportedRoot = .init([1]) } == [.malformedFrame])
        #expect(reason { $0.heldRoot = .init() } == [.malformedFrame])
        #expect(reason { $0.events.firstHeld = 0 } == [.malformedFrame])
        #expect(reason { $0.events.next = 1 << 63 } == [.malformedFrame])
        #expect(reason { $0.clearEvents() } == [.malformedFrame])
    }

    // MARK: Done too early

    private let text = document(["hostName": "a"])

    /// A session that has just been offered document `system`.
    private func wanting() -> ServerSession {
        var session = Self.session(in: .active)
        _ = session.received(FrameOf.digests(reported: [.system: text.digest]))
        #expect(session.frames().map(line) == ["plan wanted(system) coming()"])
        return session
    }

    @Test("Done while a document is wanted, on its way or being stored; taken when its result was said")
    func documentOpen() {
        let steps: [(inout ServerSession) -> Void] = [
            { _ in },
            { _ = $0.received(FrameOf.head(text, .system)) },
            { _ = $0.received(FrameOf.chunk(text.body)) },
        ]
        for count in 1...3 {
            var session = wanting()
            for step in steps.prefix(count) { step(&session) }
            #expect(Self.closes(session.received(Message.done.frame)) == [.unexpectedMessage])
            #expect(session.frames().map(line) == ["goodbye unexpectedMessage"])
        }
        for status in [Muster_V1_DocumentStatus.stored, .busy, .outdated, .malformed, .digestMismatch, .basisUnknown] {
            var session = wanting()
            for step in steps { step(&session) }
            #expect(session.documentStored(.system, text.digest, status) == [])
            #expect(session.received(Message.done.frame) == [.completed(next: nil)], "\(status)")
            #expect(Self.closes(session.received(Message.done.frame)) == [.unexpectedMessage], "a second Done")
        }
    }

    @Test("Done while a desired document has no result")
    func desiredOpen() {
        var server = FakeServer()
        server.desired = [.agent: text]
        var session = Self.session(in: .active, server: server)
        #expect(session.received(FrameOf.digests()) == [.prepareDocument(.agent)])
        var early = session
        #expect(Self.closes(early.received(Message.done.frame)) == [.unexpectedMessage])
        #expect(session.documentReady(OutgoingDocument(text, named: .agent)) == [])
        #expect(session.received(FrameOf.result(.agent, .busy)) == [])
        #expect(session.received(Message.done.frame) == [.completed(next: nil)])
        #expect(Self.closes(session.received(FrameOf.result(.agent, .stored, text.digest))) == [.unexpectedMessage])
    }

    @Test("Done before the digests that Welcome asked for")
    func digestsOpen() {
        var server = FakeServer()
        server.desired = [.agent: text]
        var session = Self.session(in: .judging)
        _ = session.recognized(server.known, now: noon)
        #expect(session.frames().map(line) == ["welcome wantDigests"])
        #expect(Self.closes(session.received(Message.done.frame)) == [.unexpectedMessage])
    }

    @Test("Done while events are being stored, or a certificate issued")
    func othersOpen() {
        var session = Self.session(in: .active)
        _ = session.received(Muster_V1_Frame(.events(Message.batch(epoch: 100, first: 1))))
        var early = session
        #expect(Self.closes(early.received(Message.done.frame)) == [.unexpectedMessage])
        _ = session.eventsStored(epoch: 100, through: 1)
        #expect(session.received(Message.done.frame) == [.completed(next: nil)])

        var server = FakeServer()
        server.renewal = .due
        session = Self.session(in: .active, server: server)
        _ = session.received(Message.renewal.frame)
        #expect(Self.closes(session.received(Message.done.frame)) == [.unexpectedMessage])
    }

    // MARK: Documents and events that break the rules

    @Test("documents not asked for, begun twice, sent twice, digests in between")
    func documents() {
        var session = wanting()
        #expect(Self.closes(session.received(FrameOf.head(text, .hardware))) == [.malformedDocument])
        session = wanting()
        #expect(session.received(FrameOf.head(text, .system)) == [.reserveMemory(2 * text.body.count)])
        var twice = session
        #expect(Self.closes(twice.received(FrameOf.head(text, .system))) == [.malformedDocument])
        #expect(Self.closes(twice.received(FrameOf.chunk(text.body))) == [])
        var between = session
        #expect(Self.closes(between.received(FrameOf.digests())) == [.unexpectedMessage])
        guard case .storeDocument = session.received(FrameOf.chunk(text.body)).first else {
            return #expect(Bool(false), "not stored")
        }
        #expect(Self.closes(session.received(FrameOf.head(text, .system))) == [.malformedDocument])
        session = wanting()
        var large = Muster_V1_DocumentHead()
        large.document = DocumentName.system.rawValue
        large.digest = .init(text.digest.bytes)
        large.size = UInt32(Document.maximumBodyBytes + 1)
        large.inflatedSize = large.size
        #expect(Self.closes(session.received(Muster_V1_Frame(.document(large)))) == [.documentTooLarge])
    }

    @Test("events: out of order, again, of another epoch, damaged, more batches than may be under way")
    func events() {
        func reason(_ batches: Muster_V1_EventBatch...) -> [CloseReason] {
            var session = Self.session(in: .active)
            return batches.flatMap { Self.closes(session.received(Muster_V1_Frame(.events($0)))) }
        }
        func batch(_ first: UInt64, count: Int = 1, epoch: UInt64 = 100) -> Muster_V1_EventBatch {
            Message.batch(epoch: epoch, first: first, count: count)
        }
        #expect(reason(batch(1, count: 3), batch(4)) == [])
        #expect(reason(batch(2)) == [.eventsOutOfOrder])
        #expect(reason(batch(1, count: 3), batch(5)) == [.eventsOutOfOrder])
        #expect(reason(batch(1), batch(1)) == [.eventsOutOfOrder])
        #expect(reason(batch(1, epoch: 101)) == [], "a device that was put back begins a new epoch")
        #expect(reason(batch(2, epoch: 101)) == [.eventsOutOfOrder])
        #expect(reason(batch(1), batch(1, epoch: 101)) == [.eventsOutOfOrder])
        #expect(reason(batch(1, epoch: 101), batch(1, epoch: 102)) == [.eventsOutOfOrder])
        #expect(reason(Muster_V1_EventBatch()) == [.malformedFrame])

        var session = Self.session(in: .active)
        for number in 1...UInt64(Muster_V1_EventBatch.maximumInFlight) {
            #expect(Self.closes(session.received(Muster_V1_Frame(.events(batch(number))))) == [])
        }
        var answered = session
        #expect(Self.closes(session.received(Muster_V1_Frame(.events(batch(33))))) == [.busy])
        _ = answered.eventsStored(epoch: 100, through: 1)
        #expect(Self.closes(answered.received(Muster_V1_Frame(.events(batch(33))))) == [])
    }

    @Test("another epoch than Hello's begins at 1, with the first batch, and nothing was stored of it")
    func newEpoch() {
        var server = FakeServer()
        server.positions = [100: StoredPlace(last: 5, stamp: 1), 200: StoredPlace(last: 7, stamp: 2)]
        let session = Self.session(in: .active, server: server)
        func reason(epoch: UInt64, first: UInt64) -> [CloseReason] {
            var session = session
            return Self.closes(session.received(Muster_V1_Frame(.events(Message.batch(epoch: epoch, first: first)))))
        }
        #expect(reason(epoch: 300, first: 1) == [])
        #expect(reason(epoch: 300, first: 2) == [.eventsOutOfOrder])
        #expect(reason(epoch: 0, first: 1) == [.eventsOutOfOrder])
        #expect(reason(epoch: 100, first: 1) == [.eventsOutOfOrder])
        #expect(reason(epoch: 100, first: 6) == [])
        #expect(reason(epoch: 200, first: 1) == [.eventsOutOfOrder])
    }

    @Test("silence ends a session, but not while the server owes an answer")
    func silence() {
        var idle = Self.session(in: .active)
        #expect(Self.closes(idle.fellSilent()) == [.idleTimeout])

        var session = Self.session(in: .active)
        _ = session.frames()
        _ = session.received(Muster_V1_Frame(.events(Message.batch(epoch: 100, first: 1))))
        #expect(session.fellSilent() == [] && session.fellSilent() == [])
        #expect(session.frames().map(line) == ["ping", "ping"])
        _ = session.eventsStored(epoch: 100, through: 1)
        #expect(Self.closes(session.fellSilent()) == [.idleTimeout])
    }

    @Test("floods of pings, and of digests without a difference, end a session that does not read")
    func floods() {
        for message in [Message.ping, .digests] {
            var session = Self.session(in: .active)
            for _ in 0..<Outbox.maximumControl { #expect(Self.closes(session.received(message.frame)) == []) }
            #expect(Self.closes(session.received(message.frame)) == [.busy])
            #expect(session.frames().map(line) == ["goodbye busy"])
        }
    }

    @Test("session numbers rise, whatever the clock and the device say")
    func sessionNumbers() {
        func number(_ now: Int64, _ hello: UInt64, _ known: UInt64) -> UInt64 {
            ServerSession.Device.sessionNumber(now: Timestamp(milliseconds: now), hello: hello, known: known)
        }
        #expect(number(1000, 0, 0) == 1000)
        #expect(number(1000, 1000, 0) == 1001)
        #expect(number(1000, 5, 2000) == 2001)
        #expect(number(-5, 0, 0) == 1)
        #expect(number(0, .max, .max) == UInt64(Int64.max))
    }
}
