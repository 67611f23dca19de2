import FoundationEssentials
package import MusterModel

/// The span a certificate is valid for, in the whole seconds certificates know.
package struct Validity: Hashable, Sendable {
    /// How far a certificate's validity reaches back before the making, so that a clock that is late does not refuse it.
    package static let backdating = Duration.days(1)
    /// Dates in certificates are kept to the years 1950–2049, where they are short and every reader agrees on them.
    private static let dates = Timestamp(milliseconds: -631_152_000_000)...Timestamp(milliseconds: 2_524_607_999_000)

    package let notBefore: Timestamp
    package let notAfter: Timestamp

    /// From `backdating` before `now` to `lifetime` after it.
    package init(now: Timestamp, lifetime: Duration) {
        notBefore = Self.clamped(now - Self.backdating)
        notAfter = Self.clamped(now + max(lifetime, .zero))
    }

    private static func clamped(_ time: Timestamp) -> Timestamp {
        let time = min(max(time, dates.lowerBound), dates.upperBound)
        let fraction = time.milliseconds % 1000
        return Timestamp(milliseconds: time.milliseconds - (fraction < 0 ? fraction + 1000 : fraction))
    }

    var firstDate: Date { Date(timeIntervalSince1970: Double(notBefore.milliseconds / 1000)) }
    var lastDate: Date { Date(timeIntervalSince1970: Double(notAfter.milliseconds / 1000)) }
}
