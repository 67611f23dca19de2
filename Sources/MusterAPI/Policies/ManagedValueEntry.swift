package import MusterModel

/// A setting's value in JSON: `true`, `5`, `"text"`, `["a", "b"]`; a duration as text, `"15m"`. A secret is written as a text and read as
/// `{"secret": true}`: that it is set.
package enum ManagedValueEntry: Codable, Sendable, Hashable {
    case onOff(Bool)
    case number(Int64)
    case text(String)
    case list([String])
    case secret

    private enum CodingKeys: String, CodingKey { case secret }

    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
            _ = try container.decode(Bool.self, forKey: .secret)
            self = .secret
            return
        }
        let container = try decoder.singleValueContainer()
        if let isOn = try? container.decode(Bool.self) {
            self = .onOff(isOn)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try container.decode([String].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        if case .secret = self {
            var container = encoder.container(keyedBy: CodingKeys.self)
            return try container.encode(true, forKey: .secret)
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .onOff(let isOn): try container.encode(isOn)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let texts): try container.encode(texts)
        case .secret: break
        }
    }

    package init(_ value: ManagedValue) {
        switch value {
        case .onOff(let isOn): self = .onOff(isOn)
        case .number(let number): self = .number(number)
        case .duration(let duration): self = .text(duration.text)
        case .text(let text): self = .text(text)
        case .list(let texts): self = .list(texts)
        case .secret: self = .secret
        }
    }
}

extension ManagedValueEntry: CustomStringConvertible {
    /// As people write it.
    package var description: String {
        switch self {
        case .onOff(let isOn): isOn ? "on" : "off"
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let texts): texts.joined(separator: ", ")
        case .secret: "••••"
        }
    }
}

/// A value in a policy.
package struct PolicySetting: Codable, Sendable, Hashable {
    package var value: ManagedValueEntry
    /// Absent in a request: not locked.
    package var locked: Bool?

    package init(value: ManagedValueEntry, locked: Bool? = nil) {
        self.value = value
        self.locked = locked
    }
}
