/// Reads an expression by recursive descent; the grammar is in docs/expressions.md. What is nested deeper than the limit is refused
/// before it is entered, so that hostile text costs no stack.
struct ExpressionParser {
    var scanner: ExpressionScanner
    /// In the order in which they stand.
    private(set) var comparisons: [DeviceComparison] = []
    /// Values that name a group, in the same order.
    var groupNames: [ExpressionGroupName] = []

    /// - Throws: when the text is too long to be looked at.
    init(_ text: String) throws(ExpressionError) {
        if text.utf8.count > DeviceExpression.maximumBytes {
            var rest = DeviceExpression.maximumBytes
            let fitting = text.unicodeScalars.prefix {
                rest -= UTF8.width($0); return rest >= 0
            }
            throw .tooLong(fitting.count + 1)
        }
        scanner = ExpressionScanner(text)
    }

    mutating func parse() throws(ExpressionError) -> ExpressionNode {
        scanner.skipSpace()
        if scanner.isAtEnd { throw .empty }
        let node = try expression(depth: 0)
        if scanner.next == ")" {
            throw .unexpected(scanner.column, ")", expected: "the end, since no ( is open")
        }
        if !scanner.isAtEnd { throw unexpected("and, or, or the end") }
        return node
    }

    private mutating func expression(depth: Int) throws(ExpressionError) -> ExpressionNode {
        var terms = [try term(depth: depth)]
        while scanner.take(word: "or") { terms.append(try term(depth: depth)) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func term(depth: Int) throws(ExpressionError) -> ExpressionNode {
        var factors = [try factor(depth: depth)]
        while scanner.take(word: "and") { factors.append(try factor(depth: depth)) }
        return factors.count == 1 ? factors[0] : .all(factors)
    }

    /// - Parameter depth: how many `not` and `(` it stands in.
    private mutating func factor(depth: Int) throws(ExpressionError) -> ExpressionNode {
        scanner.skipSpace()
        let column = scanner.column
        if scanner.take("(") {
            try checkDepth(depth, column)
            let node = try expression(depth: depth + 1)
            guard scanner.take(")") else { throw unexpected("and, or, or ) for the ( in column \(column)") }
            scanner.skipSpace()
            return node
        }
        if scanner.take(word: "not") {
            try checkDepth(depth, column)
            return .not(try factor(depth: depth + 1))
        }
        let comparison = try readComparison()
        guard comparisons.count < DeviceExpression.maximumComparisons else { throw .tooManyComparisons(column) }
        comparisons.append(comparison)
        scanner.skipSpace()
        return .comparison(comparison)
    }

    private func checkDepth(_ depth: Int, _ column: Int) throws(ExpressionError) {
        if depth >= DeviceExpression.maximumNesting { throw .tooDeep(column) }
    }

    func unexpected(_ expected: String) -> ExpressionError {
        .unexpected(scanner.column, scanner.found, expected: expected)
    }
}
