import FoundationEssentials

/// An instant: milliseconds since 1970-01-01T00:00:00Z, as on the wire and in tables.
///
/// Text (JSON, CLI) is RFC 3339 in UTC with milliseconds: `2026-11-24T14:30:00.000Z`.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// This machine's wall clock. Rules never call it: they are told the time.
    package static func now() -> Self {
        Self(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// Saturates at the ends of Int64 instead of trapping: both sides may come from a device.
    package static func + (left: Self, right: Duration) -> Self {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.milliseconds)
        return Self(milliseconds: overflow ? (right < .zero ? .min : .max) : sum)
    }

    package static func - (left: Self, right: Duration) -> Self {
        let negated = right.milliseconds == .min ? Int64.max : -right.milliseconds
        return left + .milliseconds(negated)
    }

    /// The time from `right` to `left`; saturates.
    package static func - (left: Self, right: Self) -> Duration {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        return .milliseconds(overflow ? (left > right ? Int64.max : .min) : difference)
    }
}

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
    private static let earliest: Int64 = -62_135_596_800_000  // 0001-01-01
    private static let latest: Int64 = 253_402_300_799_999  // 9999-12-31

    package var description: String {
        let clamped = min(max(milliseconds, Self.earliest), Self.latest)
        let fraction = ((clamped % 1000) + 1000) % 1000
        let date = Date(timeIntervalSince1970: Double((clamped - fraction) / 1000))
        let digits = String(fraction)
        let text = Date.ISO8601FormatStyle().format(date)
        return "\(text.dropLast()).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }

    /// - Parameter description: RFC 3339, with or without a fraction of the second; any offset.
    package init?(_ description: String) {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: description.contains("."))
        guard let date = try? Date(description, strategy: style) else { return nil }
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a time: RFC 3339 is expected, as 2026-11-24T14:30:00.000Z")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
