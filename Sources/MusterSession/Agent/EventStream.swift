import DequeModule
import MusterModel
import MusterWire

/// The agent's events in one session: what is read, sent and acknowledged, within the credit the server gave. One read is under way at a
/// time, so that order needs no thought.
struct EventStream: Sendable {
    private var position: EventPosition
    private var sentThrough: UInt64 = 0
    private var credit = 0
    /// While a read is under way: the last event known of when it began.
    private var readingThrough: UInt64?
    /// Nothing is read before it is known that the server's events and these are one history.
    private var isJudging = false
    private var isRenumbering = false
    private var isWelcomed = false
    /// Sent and not acknowledged, in order.
    private var inFlight: Deque<(last: UInt64, bytes: Int)> = []

    init(position: EventPosition) { self.position = position }

    /// Nothing is left to send and nothing unacknowledged.
    var isSettled: Bool {
        isWelcomed && readingThrough == nil && !isJudging && !isRenumbering && inFlight.isEmpty && !hasMore
    }

    private var hasMore: Bool { sentThrough + 1 < position.next }

    /// - Parameter stored: what the server has of this epoch.
    mutating func welcomed(stored: StoredPlace, credit: Int) -> [AgentSession.Action] {
        isWelcomed = true
        self.credit = max(credit, Muster_V1_EventBatch.maximumBytes)
        if stored.last >= position.next { return rolledBack(stored) }
        if stored.stamp == 0 || stored.last + 1 < position.firstHeld { return goOn(after: stored.last) }
        isJudging = true
        return [.judgeStored(stored)]
    }

    /// - Parameter isOurs: the event of that number here has that stamp.
    mutating func judged(_ stored: StoredPlace, isOurs: Bool) -> [AgentSession.Action] {
        guard isJudging else { return [] }
        isJudging = false
        return isOurs ? goOn(after: stored.last) : rolledBack(stored)
    }

    private mutating func goOn(after last: UInt64) -> [AgentSession.Action] {
        sentThrough = last
        return last >= position.firstHeld ? [.deleteEvents(epoch: position.epoch, through: last)] : []
    }

    /// The server stored other events under these numbers: this device was put back to an earlier copy of itself.
    private mutating func rolledBack(_ stored: StoredPlace) -> [AgentSession.Action] {
        isRenumbering = true
        return [.beginEpoch(stored)]
    }

    mutating func epochBegun(_ position: EventPosition) {
        self.position = position
        isRenumbering = false
        sentThrough = position.firstHeld - 1
    }

    mutating func appended(next: UInt64) { position.next = max(position.next, next) }

    mutating func pump() -> [AgentSession.Action] {
        guard isWelcomed, readingThrough == nil, !isJudging, !isRenumbering, hasMore,
            inFlight.count < Muster_V1_EventBatch.maximumInFlight
        else { return [] }
        let free = credit - inFlight.reduce(0) { $0 + $1.bytes }
        guard free > 0 || inFlight.isEmpty else { return [] }
        readingThrough = position.next - 1
        return [.readEvents(after: sentThrough, maximumBytes: min(max(free, 1), Muster_V1_EventBatch.maximumBytes))]
    }

    /// Takes as many as one batch holds; the rest is read again.
    /// - Returns: the batch to send; nil when nothing was there.
    mutating func read(_ read: [NumberedEvent], clockOffset: Duration) -> Muster_V1_EventBatch? {
        guard let through = readingThrough else { return nil }
        readingThrough = nil
        let events = Muster_V1_EventBatch.fitting(read)
        guard let last = events.last, let first = events.first, first.first.epoch == position.epoch else {
            // Gone meanwhile: nothing is left of what was known of when the read began. What was written since is still there.
            sentThrough = max(sentThrough, through)
            return nil
        }
        sentThrough = last.last
        position.next = max(position.next, last.last + 1)
        inFlight.append((last: last.last, bytes: events.reduce(0) { $0 + $1.encodedBytes }))
        return Muster_V1_EventBatch(events, clockOffset: clockOffset)
    }

    mutating func stored(epoch: UInt64, through last: UInt64) -> [AgentSession.Action] {
        guard epoch == position.epoch, !isRenumbering else { return [] }
        let covered = inFlight.prefix { $0.last <= last }
        guard let acknowledged = covered.last?.last else { return [] }
        inFlight.removeFirst(covered.count)
        return [.deleteEvents(epoch: epoch, through: acknowledged)]
    }
}
