/// A version of a Python distribution, ordered as PEP 440 orders it: `1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 < 1.0+local < 1.0.post1`.
///
/// What is not such a version comes before all that are, in order of its bytes.
package struct PythonVersion: Hashable, Comparable, Sendable {
    /// Comparable by memcmp.
    package let key: [UInt8]

    package init(_ text: String) {
        let bytes = Array(text.lowercased().utf8)
        var reader = Reader(rest: bytes[...])
        key = reader.readKey() ?? [0] + Array(text.utf8)
    }

    package static func < (left: Self, right: Self) -> Bool { left.key.lexicographicallyPrecedes(right.key) }

    /// Goes once through the text. In the key, each part that may be absent has a rank byte, with absence where PEP 440 puts it.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func readKey() -> [UInt8]? {
            var key: [UInt8] = [1]
            if rest.first == UInt8(ascii: "v") { rest.removeFirst() }
            guard var first = readNumber() else { return nil }
            if readByte("!") {
                VersionKey.append(number: first, to: &key)
                guard let next = readNumber() else { return nil }
                first = next
            } else {
                VersionKey.append(number: [], to: &key)
            }
            appendRelease(first, to: &key)
            appendPhases(to: &key)
            guard appendLocal(to: &key) else { return nil }
            return rest.isEmpty ? key : nil
        }

        /// `1.0` and `1` are one release: zeros at its end do not count.
        private mutating func appendRelease(_ first: ArraySlice<UInt8>, to key: inout [UInt8]) {
            var numbers = [first]
            while rest.first == UInt8(ascii: "."), rest.dropFirst().first?.isASCIIDigit == true {
                rest.removeFirst()
                numbers.append(readNumber() ?? [])
            }
            while let last = numbers.last, last.allSatisfy({ $0 == UInt8(ascii: "0") }) { numbers.removeLast() }
            for number in numbers {
                key.append(1)
                VersionKey.append(number: number, to: &key)
            }
            key.append(0)
        }

        private mutating func appendPhases(to key: inout [UInt8]) {
            let preview = readPhase([
                ("alpha", 1), ("a", 1), ("beta", 2), ("b", 2), ("preview", 3), ("pre", 3), ("rc", 3), ("c", 3),
            ])
            let post = readPhase([("post", 1), ("rev", 1), ("r", 1)]) ?? readDashedPost()
            let development = readPhase([("dev", 1)])
            if let preview {
                key.append(preview.rank)
                VersionKey.append(number: preview.number, to: &key)
            } else {
                key.append(post == nil && development != nil ? 0 : 4)
            }
            key.append(post == nil ? 0 : 1)
            if let post { VersionKey.append(number: post.number, to: &key) }
            key.append(development == nil ? 1 : 0)
            if let development { VersionKey.append(number: development.number, to: &key) }
        }

        /// The local label: words before numbers, and nothing before either. False when it is damaged.
        private mutating func appendLocal(to key: inout [UInt8]) -> Bool {
            guard readByte("+") else { key.append(0); return true }
            let segments = rest.split(omittingEmptySubsequences: false) { [0x2e, 0x2d, 0x5f].contains($0) }
            for segment in segments {
                guard !segment.isEmpty, segment.allSatisfy({ $0.isASCIIDigit || $0.isASCIILetter }) else { return false }
                if segment.allSatisfy(\.isASCIIDigit) {
                    key.append(2)
                    VersionKey.append(number: segment, to: &key)
                } else {
                    key.append(1)
                    key.append(contentsOf: segment)
                    key.append(0)
                }
            }
            key.append(0)
            rest = []
            return true
        }

        /// `[._-]?word[._-]?digits?`; nothing is taken when no word fits.
        private mutating func readPhase(_ words: [(text: String, rank: UInt8)]) -> (rank: UInt8, number: ArraySlice<UInt8>)? {
            let start = rest
            skipSeparator()
            guard let word = words.first(where: { rest.starts(with: $0.text.utf8) }) else { rest = start; return nil }
            rest = rest.dropFirst(word.text.utf8.count)
            let afterWord = rest
            skipSeparator()
            if let number = readNumber() { return (word.rank, number) }
            rest = afterWord
            return (word.rank, [])
        }

        /// `1.0-1` is `1.0.post1`.
        private mutating func readDashedPost() -> (rank: UInt8, number: ArraySlice<UInt8>)? {
            guard rest.first == UInt8(ascii: "-"), rest.dropFirst().first?.isASCIIDigit == true else { return nil }
            rest.removeFirst()
            return readNumber().map { (1, $0) }
        }

        private mutating func skipSeparator() {
            if let byte = rest.first, [0x2e, 0x2d, 0x5f].contains(byte) { rest.removeFirst() }
        }

        private mutating func readNumber() -> ArraySlice<UInt8>? {
            let digits = rest.prefix(while: \.isASCIIDigit)
            rest = rest.dropFirst(digits.count)
            return digits.isEmpty ? nil : digits
        }

        private mutating func readByte(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }
    }
}
