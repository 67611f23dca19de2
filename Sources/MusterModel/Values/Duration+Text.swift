extension Duration {
    /// Whole milliseconds, as on the wire and in tables; saturates.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    package static func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> Duration { .seconds(count * 3600) }
    package static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    private static let units: [(name: Character, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]

    /// A duration as people write it: `90s`, `15m`, `24h`, `90d`, also joined (`1h30m`). Nil for anything else, and past 100 years.
    package init?(text: String) {
        var total: Int64 = 0
        var digits = ""
        var seen = false
        for character in text {
            if character.isASCII && character.isNumber { digits.append(character); continue }
            guard let unit = Self.units.first(where: { $0.name == character }), digits.count <= 9,
                let count = Int64(digits)
            else { return nil }
            total += count * unit.milliseconds
            guard total <= 36_525 * 86_400_000 else { return nil }
            digits = ""
            seen = true
        }
        guard seen, digits.isEmpty else { return nil }
        self = .milliseconds(total)
    }

    /// The form `init(text:)` reads, to the second: `15m`, `1h30m`, `0s`.
    package var text: String {
        var rest = milliseconds
        var parts = ""
        for unit in Self.units where rest >= unit.milliseconds {
            parts += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return parts.isEmpty ? "0s" : parts
    }
}
