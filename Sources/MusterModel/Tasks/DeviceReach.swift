/// For how many devices in an hour one account or token may order what runs programs of somebody's choice, installs or removes: what a
/// stolen token can do until it is noticed is bounded by it.
package enum DeviceReach: Hashable, Sendable {
    /// Different devices within `period`.
    case devices(Int64)
    case unlimited

    package static let standard = Self.devices(50)
    package static let period = Duration.hours(1)
    package static let allowed: ClosedRange<Int64> = 0...1_000_000
}

/// As people write it: a number, or `unlimited`.
extension DeviceReach: LosslessStringConvertible {
    private static let unlimitedText = "unlimited"

    package init?(_ description: String) {
        if description == Self.unlimitedText {
            self = .unlimited
        } else if let count = Int64(description), Self.allowed.contains(count) {
            self = .devices(count)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .devices(let count): String(count)
        case .unlimited: Self.unlimitedText
        }
    }
}

/// In JSON a number, or `"unlimited"`.
extension DeviceReach: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try (try? container.decode(Int64.self)).map(String.init) ?? container.decode(String.self)
        guard let reach = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no reach")
        }
        self = reach
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .devices(let count): try container.encode(count)
        case .unlimited: try container.encode(Self.unlimitedText)
        }
    }
}
