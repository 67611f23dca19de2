/// How clocks on the wall are set in a time zone, at any time: read from a device's TZif file, whose rules are the device's own.
///
/// A value; who reads the file, and again when it changes, is left to others.
package struct ZoneRules: Hashable, Sendable {
    /// The largest of Debian's, with all transitions to 2037 in both widths, has 4 KiB; 512 KiB hold 58,000 transitions.
    package static let maximumBytes = 512 * 1024
    /// In seconds east of UTC, as RFC 9636 bounds them: 25 hours less a second, and what summer time adds.
    static let offsets: ClosedRange<Int64> = -89_999...93_599

    /// From an instant on, this many seconds are added to UTC.
    struct Change: Hashable, Sendable {
        let second: Int64
        let offset: Int64
    }

    /// By time, no two at once.
    private let changes: [Change]
    /// Before the first change.
    private let earliest: Int64
    /// From the last change on, and always when there is none; nil: it stays as it is.
    private let footer: ZoneFooter?

    package static let utc = ZoneRules(earliest: 0, changes: [], footer: nil)

    /// - Parameter changes: ascending; offsets within `offsets`.
    init(earliest: Int64, changes: [Change], footer: ZoneFooter?) {
        self.earliest = earliest
        self.changes = changes
        self.footer = footer
    }

    /// How many changes were made until then.
    private func changeCount(through second: Int64) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func offset(atSecond second: Int64) -> Int64 {
        let count = changeCount(through: second)
        if count == changes.count, let footer { return footer.offset(atSecond: second) }
        return count == 0 ? earliest : changes[count - 1].offset
    }

    /// Nil: never again. One that changes nothing may be among them.
    func nextChange(afterSecond second: Int64) -> Int64? {
        let count = changeCount(through: second)
        return count < changes.count ? changes[count].second : footer?.nextChange(afterSecond: second)
    }
}

extension ZoneRules {
    /// What is added to UTC at an instant.
    package func offset(at instant: Timestamp) -> Duration { .seconds(offset(atSecond: instant.second)) }

    /// The day there at an instant.
    func day(at instant: Timestamp) -> CivilDate {
        let second = instant.second
        return CivilDate(dayNumber: (second + offset(atSecond: second)).floored(by: 86_400).quotient)
    }

    /// When the clock shows this, or, where it never does, something later for the first time: a time that is left out in spring is the
    /// moment at which the clock is put forward, and of one that comes twice in autumn it is the first. A later time is never earlier.
    package func instant(of time: LocalTime) -> Timestamp { Timestamp(second: instant(ofLocalSecond: time.second)) }

    private func instant(ofLocalSecond local: Int64) -> Int64 {
        // Until here every clock shows less; two days later every clock shows more, so this ends.
        var start = local - Self.offsets.upperBound
        while true {
            let offset = offset(atSecond: start)
            if start + offset >= local { return start }
            guard let change = nextChange(afterSecond: start), change <= local - offset else { return local - offset }
            start = change
        }
    }
}

extension Timestamp {
    /// The whole second it is in.
    var second: Int64 { milliseconds.floored(by: 1000).quotient }

    /// Saturates.
    init(second: Int64) {
        let (product, overflow) = second.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: overflow ? (second < 0 ? .min : .max) : product)
    }
}
