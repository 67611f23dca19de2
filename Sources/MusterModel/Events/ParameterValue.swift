/// One named, typed parameter of something people read: sentences are made from a code and these when shown.
package enum ParameterValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case time(Timestamp)
    case duration(Duration)
}

/// In JSON (API and tables) a one-member object that names the type: `{"text":"hello"}`, `{"integer":3}`,
/// `{"time":"2026-11-24T14:30:00.000Z"}`, `{"durationSeconds":1.5}`.
extension ParameterValue: Codable {
    /// What fits in milliseconds of 64 bits: 292 million years. A Duration made of more would trap.
    private static let longestSeconds = 9.2e15

    private enum CodingKeys: String, CodingKey { case text, integer, time, durationSeconds }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self = .text(text)
        } else if let integer = try container.decodeIfPresent(Int64.self, forKey: .integer) {
            self = .integer(integer)
        } else if let time = try container.decodeIfPresent(Timestamp.self, forKey: .time) {
            self = .time(time)
        } else {
            let seconds = try container.decode(Double.self, forKey: .durationSeconds)
            guard abs(seconds) <= Self.longestSeconds else {
                throw DecodingError.dataCorruptedError(
                    forKey: .durationSeconds, in: container, debugDescription: "\(seconds) seconds are past what is allowed")
            }
            self = .duration(.seconds(seconds))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .text(let text): try container.encode(text, forKey: .text)
        case .integer(let integer): try container.encode(integer, forKey: .integer)
        case .time(let time): try container.encode(time, forKey: .time)
        case .duration(let duration):
            try container.encode(Double(duration.milliseconds) / 1000, forKey: .durationSeconds)
        }
    }
}

package typealias Parameters = [String: ParameterValue]
