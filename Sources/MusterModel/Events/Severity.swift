/// How much an event matters. The numbers are those of the wire and the tables, in rising order.
package enum Severity: UInt8, CaseIterable, Hashable, Sendable, Codable, Comparable {
    case info = 1
    case warning = 2
    case error = 3
    case critical = 4

    package var code: String { "\(self)" }

    package init?(code: String) {
        guard let severity = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = severity
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(code: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a severity: info, warning, error or critical")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
