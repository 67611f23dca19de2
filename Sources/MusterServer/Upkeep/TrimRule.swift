/// When memory is worth giving back: said after each period, of how many handshakes, documents and ends of connections it had.
struct TrimRule {
    enum Order: Equatable {
        case nothing
        case trim
        /// A burst is over: what was cached for it goes, too.
        case releaseCachesAndTrim
    }

    /// Worth a trim: 200 connections are about 6 MB.
    private static let worthwhile: UInt64 = 200
    /// Fewer in a period are no burst: a tenth of what is worth a trim.
    private static let quiet: UInt64 = 20

    private var untrimmed: UInt64 = 0
    private var isBurst = false

    mutating func periodEnded(uses: UInt64) -> Order {
        untrimmed &+= uses
        if isBurst, uses < Self.quiet {
            (untrimmed, isBurst) = (0, false)
            return .releaseCachesAndTrim
        }
        guard untrimmed >= Self.worthwhile else { return .nothing }
        (untrimmed, isBurst) = (0, true)
        return .trim
    }
}
