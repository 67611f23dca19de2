import FoundationEssentials
import MusterModel

/// Parameters as they stand in tables: the JSON of `ParameterValue`, names in order. Written by hand, as events are many.
extension Parameters {
    package var jsonText: String {
        if isEmpty { return "{}" }
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, entry) in sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(jsonString: entry.key)
            text.append(UInt8(ascii: ":"))
            text.append(parameter: entry.value)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// What `jsonText` gave; nil for anything else.
    package init?(jsonText: String) {
        guard let parameters = try? JSONDecoder().decode(Self.self, from: Data(jsonText.utf8)) else { return nil }
        self = parameters
    }
}

extension [UInt8] {
    fileprivate mutating func append(parameter: ParameterValue) {
        switch parameter {
        case .text(let text):
            append(contentsOf: #"{"text":"#.utf8)
            append(jsonString: text)
        case .integer(let integer):
            append(contentsOf: #"{"integer":\#(integer)"#.utf8)
        case .time(let time):
            append(contentsOf: #"{"time":"\#(time)""#.utf8)
        case .duration(let duration):
            append(contentsOf: #"{"durationSeconds":\#(Double(duration.milliseconds) / 1000)"#.utf8)
        }
        append(UInt8(ascii: "}"))
    }

    fileprivate mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                append(contentsOf: "\\u00".utf8)
                append(contentsOf: Hexadecimal.text([byte]).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
