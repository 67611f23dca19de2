/// Where a spool stands: what `Hello` says of it.
package struct SpoolPosition: Hashable, Sendable {
    /// Drawn when the spool was made, or given by `renumber`.
    package var epoch: UInt64
    /// The first number still held; `next` when nothing is.
    package var firstHeld: UInt64
    /// The number the next event gets; from 1.
    package var next: UInt64

    package init(epoch: UInt64, firstHeld: UInt64, next: UInt64) {
        self.epoch = epoch
        self.firstHeld = firstHeld
        self.next = next
    }

    package var isEmpty: Bool { firstHeld == next }

    /// Numbers held, those in gaps too.
    package var count: Int { Int(clamping: next - firstHeld) }
}

/// How much a spool may hold. Past it events are dropped, the least severe and of those the oldest first, and gaps say so.
///
/// Gaps are not counted: neighbours merge, so there is at most one more than events, of less than 120 bytes each. 50,000 events
/// of 330 bytes are 16 MiB; with their gaps the file stays under 16 MiB + 50,001 × 120 B + SQLite's own, about 25 MiB.
package struct SpoolLimits: Hashable, Sendable {
    /// Of events as encoded.
    package var bytes: Int
    package var events: Int

    package static let standard = SpoolLimits(bytes: 16 * 1024 * 1024, events: 50_000)

    /// As many events as the settings say, of 330 bytes on the average; never fewer bytes than standard.
    package init(eventsHeld: Int64) {
        let events = Int(clamping: eventsHeld)
        self.init(
            bytes: max(Self.standard.bytes, events.multipliedReportingOverflow(by: 336).partialValue), events: events)
    }

    package init(bytes: Int, events: Int) {
        self.bytes = max(bytes, 0)
        self.events = max(events, 0)
    }
}

/// What a spool holds, for `status`.
package struct SpoolStatistics: Hashable, Sendable {
    package var position: SpoolPosition
    /// Events held; gaps not counted.
    package var events: Int
    /// Of those events, as encoded.
    package var bytes: Int
    /// Numbers that gaps stand for.
    package var dropped: UInt64
}

/// What became of an acknowledgement.
package enum AcknowledgeOutcome: Hashable, Sendable {
    /// Everything up to there is deleted.
    case deleted
    /// Of an epoch that is not current any more: nothing was done.
    case otherEpoch
    /// Of numbers never given: nothing was done. The server knows more of this device than the device does.
    case beyondNext
}
