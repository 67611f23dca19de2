/// What is kept of all that the programs of a run said: its beginning and its end.
package struct RunOutput: Hashable, Sendable {
    /// The first bytes: what was wrong is often said at once. The last: how it ended. Together what one person reads.
    package static let maximumHead = 16 * 1024
    package static let maximumTail = 48 * 1024
    package static let maximumBytes = maximumHead + maximumTail

    /// Head and tail, one after the other.
    package var bytes: [UInt8]
    /// Bytes there were in all.
    package var total: Int64
    /// Where in `bytes` the others were left out; nil: it is whole.
    package var cut: Int?

    package init(bytes: [UInt8], total: Int64, cut: Int? = nil) {
        self.bytes = bytes
        self.total = total
        self.cut = cut
    }
}

/// How far a run is: last value counts, and it is in no document.
package struct RunProgress: Hashable, Sendable {
    /// Of the step's name, in UTF-8.
    package static let maximumStep = 200

    package var run: RunID
    /// In thousandths; nil: nobody knows.
    package var share: Int?
    /// What it does just now, English; may be empty.
    package var step: String

    package init(run: RunID, share: Int? = nil, step: String = "") {
        self.run = run
        self.share = share.map { min(1000, max(0, $0)) }
        self.step = step
    }
}
