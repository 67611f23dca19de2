package import MusterModel
import Synchronization

/// The events of this device that the server has not stored yet, in order, in the agent's database.
///
/// An event is durable when `append` returns; it is deleted when the server has acknowledged it. Past its limits the spool replaces
/// events by gaps at their place, the least severe first and of those the oldest, never what is in flight, so that every number is
/// an event or in a gap, always. Calls block for one fsync: never on an event loop.
package final class Spool: Sendable {
    /// Dropped by one append, beside as many as it brings: a spool whose limit was cut comes down to it in steps of a second at most.
    private static let mostEvictions = 2000

    private let database: AgentDatabase
    /// Locked inside the database's lock, never around it.
    private let limits: Mutex<SpoolLimits>
    /// Random, not 0.
    private let makeStamp: @Sendable () -> UInt64
    /// Numbers up to here may have reached the server and stay as they are. In memory only: after a restart an answer that was lost
    /// may meet a gap, which `acknowledge` then divides. Locked inside the database's lock, never around it.
    private let inFlight = Mutex<UInt64>(0)

    package init(
        _ database: AgentDatabase, limits: SpoolLimits = .standard,
        makeStamp: @escaping @Sendable () -> UInt64 = { .random(in: 1 ... .max) }
    ) {
        self.database = database
        self.limits = Mutex(limits)
        self.makeStamp = makeStamp
    }

    /// From the next append on.
    package func limit(_ limits: SpoolLimits) { self.limits.withLock { $0 = limits } }

    /// Writes events, in order, as one. - Returns: the position after it; the last of them has number `next - 1`.
    /// - Throws: `eventInvalid`, `eventTooLarge`; `storageFull` when the disk is full: then none of them is kept.
    @discardableResult
    package func append(_ events: [DeviceEvent]) throws(AgentError) -> SpoolPosition {
        try database.transaction { (connection) throws(AgentError) in try append(events, to: connection) }
    }

    /// The same inside a transaction that writes more.
    func append(_ events: [DeviceEvent], to connection: SQLiteConnection) throws(AgentError) -> SpoolPosition {
        let table = SpoolTable(connection)
        var state = try table.state()
        for event in events {
            let event = NumberedEvent(
                first: EventSequence(epoch: state.epoch, number: state.next), stamp: makeStamp(),
                content: .event(try event.fitted()))
            state.bytes += try table.insert(event)
            state.events += 1
            state.next += 1
        }
        try evict(from: table, &state, atMost: events.count + Self.mostEvictions)
        try table.save(state)
        return try table.position()
    }

    package func position() throws(AgentError) -> SpoolPosition {
        try database.read { (connection) throws(AgentError) in try SpoolTable(connection).position() }
    }

    package func statistics() throws(AgentError) -> SpoolStatistics {
        try database.read { (connection) throws(AgentError) in
            let table = SpoolTable(connection)
            let state = try table.state()
            return SpoolStatistics(
                position: try table.position(), events: state.events, bytes: state.bytes, dropped: try table.dropped())
        }
    }

    /// The next to send after `number`: at most `maximumBytes` in a batch and `maximumEvents`, but at least one if there is any.
    /// What is returned counts as in flight from here on.
    package func batch(
        after number: UInt64, maximumBytes: Int, maximumEvents: Int = 200
    ) throws(AgentError) -> [NumberedEvent] {
        try database.read { (connection) throws(AgentError) in
            let table = SpoolTable(connection)
            let epoch = try table.state().epoch
            var events: [NumberedEvent] = []
            var bytes = 0
            try table.scan(after: number) { (row) throws(AgentError) in
                bytes += row.batchBytes
                guard events.isEmpty || (bytes <= maximumBytes && events.count < maximumEvents) else { return false }
                events.append(try row.decoded(epoch: epoch))
                return true
            }
            if let last = events.last?.last { markInFlight(through: last) }
            return events
        }
    }

    /// Numbers up to `number` may be at the server: they are not dropped.
    package func markInFlight(through number: UInt64) {
        inFlight.withLock { $0 = max($0, number) }
    }

    /// The server has said where it stands, and what it has is deleted: nothing is in flight now. To be called at `Welcome`, not when
    /// a session ends: what was sent last may well be stored.
    package func settleInFlight() {
        inFlight.withLock { $0 = 0 }
    }

    /// The server has stored everything of that epoch up to `number`.
    @discardableResult
    package func acknowledge(epoch: UInt64, through number: UInt64) throws(AgentError) -> AcknowledgeOutcome {
        try database.transaction { (connection) throws(AgentError) in
            let table = SpoolTable(connection)
            var state = try table.state()
            guard epoch == state.epoch else { return .otherEpoch }
            guard number < state.next else { return .beyondNext }
            if let row = try table.row(before: number + 1) {
                state.deletedStamp = row.last == number ? row.stamp : 0
            }
            let deleted = try table.delete(through: number)
            // A gap that reaches beyond: the rest of it stays.
            if let row = try table.row(before: number + 1), let rest = try row.decoded(epoch: epoch).remainder(after: number) {
                try table.delete(first: row.first)
                try table.insert(rest)
            }
            state.events -= deleted.events
            state.bytes -= deleted.bytes
            try table.save(state)
            return .deleted
        }
    }

    /// Whether the event that the server has last, by its number, is the one this spool gave that number: if not, this device was put
    /// back to an earlier copy of itself. What is not known any more (inside a gap, or deleted long ago) is taken for ours.
    package func isOurs(_ stored: StoredPlace) throws(AgentError) -> Bool {
        try database.read { (connection) throws(AgentError) in
            let table = SpoolTable(connection)
            if let row = try table.row(before: stored.last + 1), row.last >= stored.last {
                return row.last > stored.last || row.stamp == stored.stamp
            }
            let (position, state) = (try table.position(), try table.state())
            return stored.last + 1 != position.firstHeld || [0, stored.stamp].contains(state.deletedStamp)
        }
    }

    /// This device was put back to an earlier copy of itself: what is held gets numbers from 1 under a new epoch, and `event`, which says
    /// so, comes after it.
    /// - Returns: the position after it.
    @discardableResult
    package func beginEpoch(_ epoch: UInt64 = .random(in: 1 ... .max), saying event: DeviceEvent) throws(AgentError)
        -> SpoolPosition
    {
        try database.transaction { (connection) throws(AgentError) in
            var table = SpoolTable(connection)
            try table.renumber(newEpoch: epoch)
            settleInFlight()
            return try append([event], to: connection)
        }
    }

    private func evict(
        from table: SpoolTable, _ state: inout SpoolTable.State, atMost most: Int
    ) throws(AgentError) {
        let frozen = inFlight.withLock { $0 }
        let limits = limits.withLock { $0 }
        var left = most
        for severity in Severity.allCases {
            while left > 0, state.events > limits.events || state.bytes > limits.bytes {
                left -= 1
                guard let row = try table.oldest(severity, after: frozen) else { break }
                try drop(row, from: table, epoch: state.epoch, frozen: frozen)
                state.events -= 1
                state.bytes -= row.size
            }
        }
    }

    /// Puts a gap at an event's place and joins it with the gaps next to it.
    private func drop(_ row: SpoolRow, from table: SpoolTable, epoch: UInt64, frozen: UInt64) throws(AgentError) {
        var gap = try row.decoded(epoch: epoch).asGap
        try table.delete(first: row.first)
        if let before = try table.row(before: row.first), before.isGap, before.first > frozen,
            let merged = try before.decoded(epoch: epoch).merged(with: gap)
        {
            try table.delete(first: before.first)
            gap = merged
        }
        if let after = try table.row(at: gap.last + 1), after.isGap,
            let merged = gap.merged(with: try after.decoded(epoch: epoch))
        {
            try table.delete(first: after.first)
            gap = merged
        }
        try table.insert(gap)
    }
}
