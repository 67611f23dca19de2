extension ExpressionParser {
    /// A value, and where it stands.
    private struct Value {
        let text: String
        let column: Int
        var isQuoted = false

        /// A pattern where none is meant would silently match nothing.
        var looksLikePattern: Bool { !isQuoted && (text.contains("*") || text.contains("?")) }
        var shown: String { ExpressionScanner.shown(Array(text.unicodeScalars)) }
    }

    /// A comparison begins here.
    mutating func readComparison() throws(ExpressionError) -> DeviceComparison {
        let column = scanner.column
        let word = scanner.read(while: ExpressionScanner.isWord)
        guard !word.isEmpty else { throw unexpected("a field, not, installed, or (") }
        guard let field = DeviceField(rawValue: word) else {
            throw .unknownField(column, ExpressionScanner.shown(Array(word.unicodeScalars)))
        }
        return field == .installed ? .installed(try readInstalled()) : try readComparison(of: field)
    }

    private mutating func readComparison(of field: DeviceField) throws(ExpressionError) -> DeviceComparison {
        let `operator` = try readOperator(after: field)
        let value = try readValue("a value", ends: ExpressionScanner.isSign, isBare: Self.isBareValue)
        if `operator` != .matches, value.looksLikePattern {
            throw .strayPattern(value.column, value.shown, canMatch: field.operators.contains(.matches))
        }
        guard let operand = ExpressionOperand(value.text, of: field, `operator`) else {
            throw .wrongValue(value.column, value.shown, of: field, `operator`)
        }
        if case .group(let path?) = operand {
            groupNames.append(ExpressionGroupName(path: path, scalars: value.column - 1..<scanner.column - 1))
        }
        return .field(field, `operator`, operand)
    }

    /// What follows `installed`.
    private mutating func readInstalled() throws(ExpressionError) -> InstalledCondition {
        let name = try readValue(
            "the name of an application", ends: { ExpressionScanner.isSign($0) || ExpressionScanner.isOperator($0) },
            isBare: ExpressionScanner.isWord)
        guard !name.text.isEmpty else {
            throw .unexpected(name.column, "\"\"", expected: "the name of an application")
        }
        if name.looksLikePattern { throw .strayPattern(name.column, name.shown, canMatch: false) }
        scanner.skipSpace()
        guard scanner.next.map(ExpressionScanner.isOperator) == true else { return InstalledCondition(name: name.text) }
        let symbol = try readOperator(after: .installed)
        guard let comparison = VersionComparison.Operator(rawValue: symbol.rawValue) else {
            throw .wrongOperator(scanner.column, symbol, after: .installed)
        }
        let version = try readValue("a version", ends: ExpressionScanner.isSign, isBare: Self.isBareValue)
        return InstalledCondition(name: name.text, comparison: VersionComparison(comparison, version.text))
    }

    private mutating func readOperator(after field: DeviceField) throws(ExpressionError) -> ExpressionOperator {
        scanner.skipSpace()
        let column = scanner.column
        var symbol = scanner.read(while: ExpressionScanner.isOperator)
        if symbol.isEmpty, scanner.take(word: ExpressionOperator.under.rawValue) { symbol = ExpressionOperator.under.rawValue }
        guard let `operator` = ExpressionOperator(rawValue: symbol) else {
            throw .unknownOperator(column, symbol.isEmpty ? scanner.found : String(symbol.prefix(8)), after: field)
        }
        guard field.operators.contains(`operator`) else { throw .wrongOperator(column, `operator`, after: field) }
        return `operator`
    }

    /// `~` is common in versions; where a value goes on, no operator can come.
    private static func isBareValue(_ scalar: Unicode.Scalar) -> Bool { scalar == "~" || ExpressionScanner.isWord(scalar) }

    private mutating func readValue(
        _ what: String, ends: (Unicode.Scalar) -> Bool, isBare: (Unicode.Scalar) -> Bool
    ) throws(ExpressionError) -> Value {
        scanner.skipSpace()
        let column = scanner.column
        if scanner.take("\"") { return Value(text: try readQuotation(from: column), column: column, isQuoted: true) }
        let text = scanner.read(while: isBare)
        guard !text.isEmpty else { throw unexpected("\(what): a word, or any text in double quotes") }
        guard !DeviceExpression.reservedWords.contains(text) else {
            throw .unexpected(column, text, expected: "\(what). As a value, write \"\(text)\" in double quotes")
        }
        if let next = scanner.next, !ExpressionScanner.isSpace(next), !ends(next) {
            throw unexpected("a space. A value with such a character stands in double quotes")
        }
        return Value(text: text, column: column)
    }

    /// After the opening quote.
    private mutating func readQuotation(from column: Int) throws(ExpressionError) -> String {
        var text = String.UnicodeScalarView()
        while true {
            let here = scanner.column
            switch scanner.takeNext() {
            case nil: throw .badQuotation(column, "\"", "the quoted text that begins here has no \" at its end.")
            case "\"": return String(text)
            // No database keeps it in a text.
            case "\0": throw .badQuotation(here, "\0", "the character U+0000 cannot stand in a text.")
            case "\\":
                guard let escaped = scanner.takeNext(), escaped == "\"" || escaped == "\\" else {
                    throw .badQuotation(here, "\\", #"in quotes, only " and \ follow a \. For a \ itself write \\."#)
                }
                text.append(escaped)
            case let scalar?: text.append(scalar)
            }
        }
    }
}
