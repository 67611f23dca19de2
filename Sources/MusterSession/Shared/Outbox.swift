import DequeModule
import MusterWire

/// Frames waiting to be written, by priority: control, actions, acknowledgements of events, events, documents, outputs. The shell takes the next one
/// whenever the channel takes more, so that an event never waits for more than the one chunk that is on its way.
///
/// Bounded by the machines' own rules: they read events and documents only as they are sent, queue one answer for one message, and
/// close when `isOverfull`.
struct Outbox: Sendable {
    /// Answers waiting for a peer that asks and does not read. A good one has a plan, a certificate, a pong and a result per document to
    /// come: 7 today.
    static let maximumControl = 64

    private var control: Deque<Muster_V1_Frame> = []
    private var actions: Deque<Muster_V1_Frame> = []
    private var acknowledgements: Deque<Muster_V1_Frame> = []
    private var events: Deque<Muster_V1_Frame> = []
    private var documents: Deque<OutgoingDocument> = []
    private var isHeadSent = false
    private var outputs: Deque<Muster_V1_Frame> = []

    var isEmpty: Bool {
        control.isEmpty && actions.isEmpty && acknowledgements.isEmpty && events.isEmpty && documents.isEmpty && outputs.isEmpty
    }

    /// The peer asks for more than it reads.
    var isOverfull: Bool { control.count >= Self.maximumControl }

    mutating func append(control body: Muster_V1_Frame.OneOf_Body) { control.append(Muster_V1_Frame(body)) }
    mutating func append(action frames: [Muster_V1_Frame]) { actions += frames }
    mutating func append(acknowledgement body: Muster_V1_EventsStored) {
        // A later acknowledgement covers the earlier one of the same epoch.
        if case .eventsStored(let last) = acknowledgements.last?.body, last.epoch == body.epoch {
            acknowledgements.removeLast()
        }
        acknowledgements.append(Muster_V1_Frame(.eventsStored(body)))
    }
    mutating func append(events batch: Muster_V1_EventBatch) { events.append(Muster_V1_Frame(.events(batch))) }
    mutating func append(document: OutgoingDocument) { documents.append(document) }
    mutating func append(output: Muster_V1_RunOutput) { outputs.append(Muster_V1_Frame(.runOutput(output))) }

    mutating func next() -> Muster_V1_Frame? {
        control.popFirst() ?? actions.popFirst() ?? acknowledgements.popFirst() ?? events.popFirst() ?? nextOfDocuments()
            ?? outputs.popFirst()
    }

    private mutating func nextOfDocuments() -> Muster_V1_Frame? {
        guard var document = documents.popFirst() else { return nil }
        guard isHeadSent else {
            if !document.isAtEnd {
                isHeadSent = true
                documents.prepend(document)
            }
            return Muster_V1_Frame(.document(document.head))
        }
        let chunk = document.nextChunk()
        if document.isAtEnd { isHeadSent = false } else { documents.prepend(document) }
        return chunk.map { Muster_V1_Frame(.chunk($0)) } ?? nextOfDocuments()
    }

    /// What a closing connection still says: everything else is dropped.
    mutating func removeAll() { self = Outbox() }
}
