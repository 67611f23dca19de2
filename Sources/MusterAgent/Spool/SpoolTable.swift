import MusterModel
import MusterWire
import SwiftProtobuf

/// The statements of the tables `spool` and `spool_state`, inside a transaction somebody else holds.
///
/// Rows follow each other without holes: each begins where the one before ends, and `next` is where the last one ends.
struct SpoolTable {
    struct State: Hashable, Sendable {
        var epoch: UInt64
        var next: UInt64
        /// Totals over events; gaps are not counted.
        var events: Int
        var bytes: Int
        /// Of the event before the first held; 0: not known.
        var deletedStamp: UInt64
    }

    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func state() throws(AgentError) -> State {
        let state = try connection.first("SELECT epoch, next, events, bytes, deleted_stamp FROM spool_state") {
            (row) throws(AgentError) in
            State(
                epoch: row.bits(0), next: row.bits(1), events: Int(row.integer(2)), bytes: Int(row.integer(3)),
                deletedStamp: row.bits(4))
        }
        guard let state else { throw AgentError(.stateDamaged, "the state of the spool is missing") }
        return state
    }

    func save(_ state: State) throws(AgentError) {
        try connection.run(
            "UPDATE spool_state SET epoch = ?1, next = ?2, events = ?3, bytes = ?4, deleted_stamp = ?5",
            .bits(state.epoch), .bits(state.next), .integer(Int64(state.events)), .integer(Int64(state.bytes)),
            .bits(state.deletedStamp))
    }

    func position() throws(AgentError) -> SpoolPosition {
        let state = try state()
        let first = try connection.first("SELECT first FROM spool ORDER BY first LIMIT 1") { (row) throws(AgentError) in
            row.bits(0)
        }
        return SpoolPosition(epoch: state.epoch, firstHeld: first ?? state.next, next: state.next)
    }

    /// Numbers that gaps stand for.
    func dropped() throws(AgentError) -> UInt64 {
        try connection.first("SELECT coalesce(sum(count), 0) FROM spool WHERE severity = 0") { (row) throws(AgentError) in
            row.bits(0)
        } ?? 0
    }

    // MARK: Rows

    /// - Returns: the size of the event as encoded.
    @discardableResult
    func insert(_ event: NumberedEvent) throws(AgentError) -> Int {
        var plain = event
        // These have their own columns.
        plain.formerly = []
        plain.stamp = 0
        guard let body: [UInt8] = try? Muster_V1_Event(plain).serializedBytes() else {
            throw AgentError(.internalError, "an event could not be encoded")
        }
        let (severity, occurred) =
            switch event.content {
            case .event(let content): (content.severity.rawValue, content.occurred)
            case .gap(let gap): (0, gap.from)
            }
        try connection.run(
            """
            INSERT INTO spool (first, count, severity, occurred, stamp, formerly, size, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            .bits(event.first.number), .bits(event.count), .integer(Int64(severity)), .time(occurred),
            .bits(event.stamp), .bytes(FormerPlaces(event.formerly).bytes), .integer(Int64(body.count)), .bytes(body))
        return body.count
    }

    func delete(first: UInt64) throws(AgentError) { try connection.run("DELETE FROM spool WHERE first = ?1", .bits(first)) }

    /// The row that begins at `number`.
    func row(at number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            "SELECT first, count, severity, stamp, formerly, size, body FROM spool WHERE first = ?1", .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// The row that begins last before `number`.
    func row(before number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            """
            SELECT first, count, severity, stamp, formerly, size, body FROM spool
            WHERE first < ?1 ORDER BY first DESC LIMIT 1
            """, .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// The oldest event of that severity after `number`.
    func oldest(_ severity: Severity, after number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            """
            SELECT first, count, severity, stamp, formerly, size, body FROM spool
            WHERE severity = ?1 AND first > ?2 ORDER BY first LIMIT 1
            """, .integer(Int64(severity.rawValue)), .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// Rows after `number` in order, until `read` says enough.
    func scan(after number: UInt64, read: (SpoolRow) throws(AgentError) -> Bool) throws(AgentError) {
        try connection.scan(
            """
            SELECT first, count, severity, stamp, formerly, size, body FROM spool
            WHERE first > ?1 ORDER BY first
            """, .bits(number)
        ) { (row) throws(AgentError) in try read(SpoolRow(row)) }
    }

    /// Deletes the rows that end at or before `through`. - Returns: how many events they were, and their bytes.
    func delete(through: UInt64) throws(AgentError) -> (events: Int, bytes: Int) {
        let totals = try connection.first(
            "SELECT count(*), coalesce(sum(size), 0) FROM spool WHERE first <= ?1 AND severity > 0", .bits(through)
        ) { (row) throws(AgentError) in (events: Int(row.integer(0)), bytes: Int(row.integer(1))) }
        try connection.run("DELETE FROM spool WHERE first <= ?1 AND first + count - 1 <= ?1", .bits(through))
        return totals ?? (0, 0)
    }

    /// Everything held gets numbers from 1 under the new epoch and keeps where it stood before.
    mutating func renumber(newEpoch: UInt64) throws(AgentError) {
        var state = try state()
        let rows = try connection.rows("SELECT first, count, formerly FROM spool ORDER BY first") { (row) throws(AgentError) in
            (first: row.bits(0), count: row.bits(1), formerly: FormerPlaces(bytes: row.bytes(2)))
        }
        var next: UInt64 = 1
        // In rising order a new number is never above the old one, so it is free.
        for row in rows {
            let formerly = row.formerly.adding(EventSequence(epoch: state.epoch, number: row.first))
            try connection.run(
                "UPDATE spool SET first = ?2, formerly = ?3 WHERE first = ?1", .bits(row.first), .bits(next),
                .bytes(formerly.bytes))
            next += row.count
        }
        state.epoch = newEpoch
        state.next = next
        state.deletedStamp = 0
        try save(state)
    }
}

/// A row as it is stored: an event or a gap, not yet decoded.
struct SpoolRow: Hashable, Sendable {
    var first: UInt64
    var count: UInt64
    var isGap: Bool
    var stamp: UInt64
    var formerly: [EventSequence]
    /// Of `body`.
    var size: Int
    var body: [UInt8]

    init(_ row: SQLiteRow) {
        first = row.bits(0)
        count = row.bits(1)
        isGap = row.integer(2) == 0
        stamp = row.bits(3)
        formerly = FormerPlaces(bytes: row.bytes(4)).places
        size = Int(row.integer(5))
        body = row.bytes(6)
    }

    /// The last number it takes.
    var last: UInt64 { first &+ count &- 1 }

    /// What it takes in a batch: its bytes, tag and length (at most 4), its stamp (9), and where it stood before (at most 22 each).
    var batchBytes: Int { size + 4 + 9 + 22 * formerly.count }

    /// - Throws: `stateDamaged` when the bytes are not an event.
    func decoded(epoch: UInt64) throws(AgentError) -> NumberedEvent {
        var batch = Muster_V1_EventBatch()
        batch.epoch = epoch
        batch.first = first
        guard let event = try? Muster_V1_Event(serializedBytes: body) else {
            throw AgentError(.stateDamaged, "event \(first) in the spool is damaged")
        }
        batch.events = [event]
        guard var numbered = (try? batch.numberedEvents())?.first else {
            throw AgentError(.stateDamaged, "event \(first) in the spool is damaged")
        }
        numbered.count = count
        numbered.stamp = stamp
        numbered.formerly = formerly
        return numbered
    }
}
