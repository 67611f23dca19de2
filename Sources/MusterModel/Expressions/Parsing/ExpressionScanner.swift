/// Goes once through the text of an expression, by Unicode scalars: a mark that combines with a quote or bracket hides neither.
struct ExpressionScanner {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    /// - Parameter text: within the limit of an expression.
    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// What stands here is never longer than this in an error.
    private static let shownScalars = 32

    /// From 1.
    var column: Int { position + 1 }
    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }
    var isAtEnd: Bool { next == nil }

    /// The word, sign or quoted text that begins here, for people.
    var found: String {
        let rest = scalars[position...]
        let length = rest.first.map { Self.isSign($0) ? 1 : rest.prefix { !Self.isSpace($0) && !Self.isSign($0) }.count } ?? 0
        return Self.shown(rest.prefix(length))
    }

    static func shown(_ scalars: some Collection<Unicode.Scalar>) -> String {
        let text = String(String.UnicodeScalarView(scalars.prefix(shownScalars)))
        return scalars.count > shownScalars ? text + "…" : text
    }

    mutating func skipSpace() {
        while let scalar = next, Self.isSpace(scalar) { position += 1 }
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// Takes this word, unless it is the beginning of a longer one.
    mutating func take(word: String) -> Bool {
        let start = position
        if read(while: Self.isWord) == word { return true }
        position = start
        return false
    }

    /// Empty when none stands here.
    mutating func read(while belongs: (Unicode.Scalar) -> Bool) -> String {
        let run = scalars[position...].prefix(while: belongs)
        position += run.count
        return String(String.UnicodeScalarView(run))
    }

    mutating func takeNext() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        position += 1
        return scalar
    }
}

extension ExpressionScanner {
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\n", "\r"].contains(scalar) }

    static func isSign(_ scalar: Unicode.Scalar) -> Bool { scalar == "(" || scalar == ")" }

    static func isOperator(_ scalar: Unicode.Scalar) -> Bool { ["=", "!", "<", ">", "~"].contains(scalar) }

    /// Of fields, words of the language, and values without quotes.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return false }
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        return byte.isASCIILetterOrDigit || "._+/:*?@-".unicodeScalars.contains(scalar)
    }
}
