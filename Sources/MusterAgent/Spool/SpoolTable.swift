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
    }

    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func state() throws(AgentError) -> State {
        let state = try connection.first("SELECT epoch, next, events, bytes FROM spool_state") { (row) throws(AgentError) in
            State(epoch: row.bits(0), next: row.bits(1), events: Int(row.integer(2)), bytes: Int(row.integer(3)))
        }
        guard let state else { throw AgentError(.stateDamaged, "the state of the spool is missing") }
        return state
    }

    func save(_ state: State) throws(AgentError) {
        try connection.run(
            "UPDATE spool_state SET epoch = ?1, next = ?2, events = ?3, bytes = ?4",
            .bits(state.epoch), .bits(state.next), .integer(Int64(state.events)), .integer(Int64(state.bytes)))
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
        plain.formerly = nil  // has its own columns
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
            INSERT INTO spool (first, count, severity, occurred, former_epoch, former_number, size, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            .bits(event.first.number), .bits(event.count), .integer(Int64(severity)), .time(occurred),
            event.formerly.map { .bits($0.epoch) } ?? .null, event.formerly.map { .bits($0.number) } ?? .null,
            .integer(Int64(body.count)), .bytes(body))
        return body.count
    }

    func delete(first: UInt64) throws(AgentError) { try connection.run("DELETE FROM spool WHERE first = ?1", .bits(first)) }

    /// The row that begins at `number`.
    func row(at number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            "SELECT first, count, severity, former_epoch, former_number, size, body FROM spool WHERE first = ?1", .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// The row that begins last before `number`.
    func row(before number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            """
            SELECT first, count, severity, former_epoch, former_number, size, body FROM spool
            WHERE first < ?1 ORDER BY first DESC LIMIT 1
            """, .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// The oldest event of that severity after `number`.
    func oldest(_ severity: Severity, after number: UInt64) throws(AgentError) -> SpoolRow? {
        try connection.first(
            """
            SELECT first, count, severity, former_epoch, former_number, size, body FROM spool
            WHERE severity = ?1 AND first > ?2 ORDER BY first LIMIT 1
            """, .integer(Int64(severity.rawValue)), .bits(number)
        ) { (row) throws(AgentError) in SpoolRow(row) }
    }

    /// Rows after `number` in order, until `read` says enough.
    func scan(after number: UInt64, read: (SpoolRow) throws(AgentError) -> Bool) throws(AgentError) {
        try connection.scan(
            """
            SELECT first, count, severity, former_epoch, former_number, size, body FROM spool
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

    /// Everything held gets numbers from 1 under the new epoch and keeps where it stood first.
    mutating func renumber(newEpoch: UInt64) throws(AgentError) {
        var state = try state()
        try connection.run(
            "UPDATE spool SET former_epoch = ?1, former_number = first WHERE former_number IS NULL", .bits(state.epoch))
        let rows = try connection.rows("SELECT first, count FROM spool ORDER BY first") { (row) throws(AgentError) in
            (first: row.bits(0), count: row.bits(1))
        }
        var next: UInt64 = 1
        // In rising order a new number is never above the old one, so it is free.
        for row in rows {
            if row.first != next {
                try connection.run("UPDATE spool SET first = ?2 WHERE first = ?1", .bits(row.first), .bits(next))
            }
            next += row.count
        }
        state.epoch = newEpoch
        state.next = next
        try save(state)
    }
}

/// A row as it is stored: an event or a gap, not yet decoded.
struct SpoolRow: Hashable, Sendable {
    var first: UInt64
    var count: UInt64
    var isGap: Bool
    var formerly: EventSequence?
    /// Of `body`.
    var size: Int
    var body: [UInt8]

    init(_ row: SQLiteRow) {
        first = row.bits(0)
        count = row.bits(1)
        isGap = row.integer(2) == 0
        formerly = row.isNull(4) ? nil : EventSequence(epoch: row.bits(3), number: row.bits(4))
        size = Int(row.integer(5))
        body = row.bytes(6)
    }

    /// What it takes in a batch: its bytes, tag and length (at most 4), and where it stood before (at most 20).
    var batchBytes: Int { size + 4 + (formerly == nil ? 0 : 20) }

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
        numbered.formerly = formerly
        return numbered
    }
}
