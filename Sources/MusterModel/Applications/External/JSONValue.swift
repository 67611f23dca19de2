/// A piece of JSON as a connector says it: whole numbers, each member once. Read with bounds, written in one form alone, so that the same
/// value has the same bytes.
package enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Int64)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Levels of lists and objects: four are in use.
    package static let maximumDepth = 16

    package var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    package var list: [JSONValue]? { if case .list(let values) = self { values } else { nil } }
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var number: Int64? { if case .number(let number) = self { number } else { nil } }
    package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

    /// A member that is not there, or `null`, is nil.
    package subscript(_ member: String) -> JSONValue? {
        guard let value = object?[member], value != .null else { return nil }
        return value
    }
}

/// Why bytes are no JSON of this kind: a clause.
package struct JSONFault: Error, Hashable, Sendable {
    package let text: String

    init(_ text: String) { self.text = text }
}

extension JSONValue {
    /// - Throws: for anything but one value with blanks around it.
    package init(json bytes: [UInt8]) throws(JSONFault) {
        var reader = JSONReader(bytes)
        self = try reader.document()
    }

    /// Without blanks, members in the order of their bytes.
    package var json: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .flag(let flag): bytes += (flag ? "true" : "false").utf8
        case .number(let number): bytes += String(number).utf8
        case .text(let text): Self.write(text, to: &bytes)
        case .list(let values): Self.write(values, between: ("[", "]"), to: &bytes) { $0.write(to: &$1) }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            Self.write(sorted, between: ("{", "}"), to: &bytes) { member, bytes in
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between ends: (String, String), to bytes: inout [UInt8],
        _ element: (Element, inout [UInt8]) -> Void
    ) {
        bytes += ends.0.utf8
        for (place, each) in elements.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            element(each, &bytes)
        }
        bytes += ends.1.utf8
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7f: bytes += "\\u00\(Hexadecimal.text([byte]))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
