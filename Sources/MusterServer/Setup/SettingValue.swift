/// A setting's value as the file has it. `true` is no number here, though Foundation's untyped JSON would give one.
enum SettingValue: Decodable, Hashable, Sendable {
    case truth(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// An array, an object or null: allowed nowhere.
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .other
        }
    }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .truth, .text, .other: nil
        }
    }

    var text: String? { if case .text(let value) = self { value } else { nil } }
}

extension SettingValue: CustomStringConvertible {
    var description: String {
        switch self {
        case .truth(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .other: "an array, an object or null"
        }
    }
}
