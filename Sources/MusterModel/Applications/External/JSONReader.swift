/// Reads JSON byte by byte: each byte once, at most `JSONValue.maximumDepth` levels deep, so that no text takes long or much.
struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONFault) -> JSONValue {
        let value = try value(depth: 0)
        skipBlanks()
        guard place == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func fault(_ text: String) -> JSONFault { JSONFault("\(text), at byte \(place + 1)") }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .list(try list(depth: depth))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("it ends too early")
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw fault("no value begins like this") }
        place += word.utf8.count
        return value
    }

    private mutating func enter(_ depth: Int) throws(JSONFault) {
        guard depth < JSONValue.maximumDepth else { throw fault("more than \(JSONValue.maximumDepth) levels") }
        place += 1
        skipBlanks()
    }

    private mutating func object(depth: Int) throws(JSONFault) -> [String: JSONValue] {
        try enter(depth)
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw fault("the name of a member is missing") }
            let name = try text()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault("':' is missing") }
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
                throw fault("'\(name.prefix(40))' comes twice")
            }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("'}' is missing") }
        return members
    }

    private mutating func list(depth: Int) throws(JSONFault) -> [JSONValue] {
        try enter(depth)
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return values }
        repeat {
            values.append(try value(depth: depth + 1))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("']' is missing") }
        return values
    }

    private mutating func number() throws(JSONFault) -> Int64 {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let digits = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
        guard place > digits else { throw fault("no value begins like this") }
        if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
            throw fault("numbers are whole")
        }
        guard bytes[digits] != UInt8(ascii: "0") || place == digits + 1,
            let number = Int64(String(decoding: bytes[start..<place], as: UTF8.self))
        else { throw fault("no number of 64 bits") }
        return number
    }

    // MARK: Texts

    private mutating func text() throws(JSONFault) -> String {
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else { throw fault("a text is not UTF-8") }
                return text
            case UInt8(ascii: "\\"): text += String(Character(try escaped())).utf8
            case 0..<0x20: throw fault("a text holds a control character")
            default: text.append(byte)
            }
        }
        throw fault("a text does not end")
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
        guard let byte = next else { throw fault("a text does not end") }
        place += 1
        if let scalar = Self.escapes[byte] { return scalar }
        guard byte == UInt8(ascii: "u") else { throw fault("no such escape") }
        let unit = try codeUnit()
        guard unit & 0xfc00 == 0xd800 else { return try scalar(unit) }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fault("half a character") }
        let second = try codeUnit()
        guard second & 0xfc00 == 0xdc00 else { throw fault("half a character") }
        return try scalar(0x10000 + ((unit & 0x3ff) << 10 | second & 0x3ff))
    }

    private func scalar(_ number: UInt32) throws(JSONFault) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(number) else { throw fault("half a character") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONFault) -> UInt32 {
        guard bytes.count - place >= 4, let pair = Hexadecimal.bytes(String(decoding: bytes[place..<place + 4], as: UTF8.self)),
            pair.count == 2
        else { throw fault("four hexadecimal digits are missing") }
        place += 4
        return UInt32(pair[0]) << 8 | UInt32(pair[1])
    }
}
