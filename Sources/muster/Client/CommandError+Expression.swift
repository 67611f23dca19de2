import MusterAPI

extension CommandError {
    /// With the place shown under an expression that was sent, where the server named a column in it.
    func pointing(into expression: String?) -> CommandError {
        let texts = [problem?.detail].compactMap(\.self) + (problem?.errors ?? []).map(\.detail)
        guard code == .refused, let expression, let column = texts.lazy.compactMap(Self.column).first else { return self }
        return .refused(problem, reason + "\n" + ExpressionPointer.lines(expression, column: column), advice: advice)
    }

    /// Of the first `column N` in a text.
    private static func column(_ text: String) -> Int? { text.firstMatch(of: /\bcolumn ([0-9]{1,5})\b/).flatMap { Int($0.1) } }
}

/// An expression on a line, and a caret under one of its characters.
enum ExpressionPointer {
    /// So many characters before the place are shown, and after it: a line of a terminal.
    private static let before = 50
    private static let after = 25

    /// - Parameter column: from 1, in Unicode scalars; one past the end is the end.
    static func lines(_ expression: String, column: Int) -> String {
        let scalars = Array(expression.unicodeScalars)
        let place = min(max(column - 1, 0), scalars.count)
        let first = place > before ? place - before : 0
        let last = min(place + after, scalars.count)
        let head = (first > 0 ? "…" : "") + shown(scalars[first..<place])
        let tail = shown(scalars[place..<last]) + (last < scalars.count ? "…" : "")
        return "  \(head)\(tail)\n  \(String(repeating: " ", count: head.count))^"
    }

    private static func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return TerminalText.escaped(String(text))
    }
}
