/// A text with `*` for any characters, also none, and `?` for exactly one. ASCII letters match in both cases.
struct TextPattern: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case any
        case one
        case exactly(Character)
    }

    private let parts: [Part]

    init(_ text: String) {
        parts = text.withASCIILowerCase.map { character in
            switch character {
            case "*": .any
            case "?": .one
            default: .exactly(character)
            }
        }
    }

    /// Goes back to the last `*` only, so that no pattern takes longer than its length times that of the text.
    func matches(_ text: String) -> Bool {
        let characters = Array(text.withASCIILowerCase)
        var (place, part) = (0, 0)
        var retry: (place: Int, part: Int)?
        while place < characters.count {
            if part < parts.count, parts[part] == .any {
                part += 1
                retry = (place, part)
            } else if part < parts.count, parts[part] == .one || parts[part] == .exactly(characters[place]) {
                place += 1
                part += 1
            } else if let last = retry {
                retry = (last.place + 1, last.part)
                (place, part) = (last.place + 1, last.part)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }
}

extension String {
    /// With `a` to `z` for `A` to `Z`; everything else as it is, whatever the language.
    var withASCIILowerCase: String {
        String(decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
