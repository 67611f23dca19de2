/// The value of a setting of a managed application.
package enum ManagedValue: Hashable, Sendable {
    case onOff(Bool)
    case number(Int64)
    case duration(Duration)
    case text(String)
    /// In the order given.
    case list([String])
    case secret(SecretValue)
}

/// A secret: sealed by the server as policies keep it, open on its way to the device and there. Shown as dots wherever it is printed.
package struct SecretValue: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package var description: String { "••••" }
    package var debugDescription: String { description }
}

extension ManagedValue: CustomStringConvertible {
    /// As people write it: `on`, `15m`, `a, b`; a secret as dots.
    package var description: String {
        switch self {
        case .onOff(let isOn): isOn ? "on" : "off"
        case .number(let number): String(number)
        case .duration(let duration): duration.text
        case .text(let text): text
        case .list(let texts): texts.joined(separator: ", ")
        case .secret(let secret): secret.description
        }
    }
}

/// As JSON: `true`, `5`, `"text"`, `["a"]`; a duration `{"milliseconds": 900000}`, a secret `{"secret": "…"}` in hexadecimal.
extension ManagedValue: Codable {
    private enum CodingKeys: String, CodingKey { case milliseconds, secret }

    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self), !container.allKeys.isEmpty {
            self = try Self.keyed(container)
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

    private static func keyed(_ container: KeyedDecodingContainer<CodingKeys>) throws -> ManagedValue {
        if let milliseconds = try container.decodeIfPresent(Int64.self, forKey: .milliseconds) {
            return .duration(.milliseconds(milliseconds))
        }
        guard let bytes = Hexadecimal.bytes(try container.decode(String.self, forKey: .secret)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .secret, in: container, debugDescription: "a secret is written in hexadecimal")
        }
        return .secret(SecretValue(bytes: bytes))
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .onOff(let isOn): try Self.single(isOn, encoder)
        case .number(let number): try Self.single(number, encoder)
        case .text(let text): try Self.single(text, encoder)
        case .list(let texts): try Self.single(texts, encoder)
        case .duration(let duration):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(duration.milliseconds, forKey: .milliseconds)
        case .secret(let secret):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(Hexadecimal.text(secret.bytes), forKey: .secret)
        }
    }

    private static func single(_ value: some Encodable, _ encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
