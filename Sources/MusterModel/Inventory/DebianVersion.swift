/// A version as deb-version(7) has it: `[epoch:]upstream[-revision]`, ordered as dpkg orders it.
///
/// Nothing is refused: what is not a proper version still has a place in the order. Versions that dpkg calls equal (`1.0` and
/// `1.0-0`, `1.1` and `1.01`) have equal keys; equality of the text is something else.
package struct DebianVersion: Hashable, Comparable, Sendable {
    /// Comparable by memcmp.
    package let key: [UInt8]

    package init(_ text: String) {
        var rest = Array(text.utf8)[...]
        var key: [UInt8] = []
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[..<colon].allSatisfy(\.isASCIIDigit) {
            VersionKey.append(number: rest[..<colon], to: &key)
            rest = rest[(colon + 1)...]
        } else {
            VersionKey.append(number: [], to: &key)
        }
        let dash = rest.lastIndex(of: UInt8(ascii: "-"))
        Self.append(part: rest[..<(dash ?? rest.endIndex)], to: &key)
        Self.append(part: dash.map { rest[($0 + 1)...] } ?? [], to: &key)
        self.key = key
    }

    package static func < (left: Self, right: Self) -> Bool { left.key.lexicographicallyPrecedes(right.key) }

    /// Where a run of non-digits ends: after `~`, before every character.
    private static let end: UInt8 = 2

    /// Runs of non-digits and numbers by turns, as dpkg walks them; a number that is not there is 0, and the part ends like a run.
    private static func append(part: ArraySlice<UInt8>, to key: inout [UInt8]) {
        var rest = part
        repeat {
            let word = rest.prefix { !$0.isASCIIDigit }
            for byte in word { append(character: byte, to: &key) }
            rest = rest.dropFirst(word.count)
            let number = rest.prefix(while: \.isASCIIDigit)
            key.append(end)
            VersionKey.append(number: number, to: &key)
            rest = rest.dropFirst(number.count)
        } while !rest.isEmpty
        key.append(end)
    }

    /// `~` before the end, the end before letters, letters before everything else.
    private static func append(character byte: UInt8, to key: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "~"): key.append(1)
        case _ where byte.isASCIILetter: key.append(byte)
        case 0..<0x7f: key.append(0x80 + byte)
        default: key.append(contentsOf: [0xff, byte])
        }
    }
}
