import DequeModule
import MusterWire

/// Frames waiting to be written, by priority: control, acknowledgements of events, events, documents. The shell takes the next one
/// whenever the channel takes more, so that an event never waits for more than the one chunk that is on its way.
///
/// Bounded by the machines' own rules: they queue one answer for one message, and read events and documents only as they are sent.
struct Outbox: Sendable {
    private var control: Deque<Muster_V1_Frame> = []
    private var acknowledgements: Deque<Muster_V1_Frame> = []
    private var events: Deque<Muster_V1_Frame> = []
    private var documents: Deque<OutgoingDocument> = []
    private var isHeadSent = false

    var isEmpty: Bool { control.isEmpty && acknowledgements.isEmpty && events.isEmpty && documents.isEmpty }

    mutating func append(control body: Muster_V1_Frame.OneOf_Body) { control.append(Muster_V1_Frame(body)) }
    mutating func append(acknowledgement body: Muster_V1_EventsStored) {
        // A later acknowledgement covers the earlier one of the same epoch.
        if case .eventsStored(let last) = acknowledgements.last?.body, last.epoch == body.epoch {
            acknowledgements.removeLast()
        }
        acknowledgements.append(Muster_V1_Frame(.eventsStored(body)))
    }
    mutating func append(events batch: Muster_V1_EventBatch) { events.append(Muster_V1_Frame(.events(batch))) }
    mutating func append(document: OutgoingDocument) { documents.append(document) }

    mutating func next() -> Muster_V1_Frame? {
        control.popFirst() ?? acknowledgements.popFirst() ?? events.popFirst() ?? nextOfDocuments()
    }

    private mutating func nextOfDocuments() -> Muster_V1_Frame? {
        guard var document = documents.popFirst() else { return nil }
        guard isHeadSent else {
            isHeadSent = true
            documents.prepend(document)
            return Muster_V1_Frame(.document(document.head))
        }
        guard let chunk = document.nextChunk() else {
            isHeadSent = false
            return nextOfDocuments()
        }
        documents.prepend(document)
        return Muster_V1_Frame(.chunk(chunk))
    }

    /// What a closing connection still says: everything else is dropped.
    mutating func removeAll() { self = Outbox() }
}
