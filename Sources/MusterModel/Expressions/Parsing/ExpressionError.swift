/// Why a text is no expression: where, what stands there, and what to write instead.
package struct ExpressionError: Error, Hashable, Sendable {
    /// Stable; what tests and metrics look at.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case empty
        case tooLong
        case tooManyComparisons
        case tooDeep
        case unknownField
        case unknownOperator
        /// One that this field is not compared with.
        case wrongOperator
        /// One that is no value of this field.
        case wrongValue
        /// A quoted text without its end, or with an escape that is none.
        case badQuotation
        /// Anything else in the wrong place.
        case unexpected
    }

    package let code: Code
    /// From 1; counts Unicode scalars.
    package let column: Int
    /// What stands there, cut when it is long; empty: the end.
    package let found: String
    /// Without the column: what is wrong and what to do.
    package let reason: String

    private init(_ code: Code, _ column: Int, _ found: String, _ reason: String) {
        self.code = code
        self.column = column
        self.found = found
        self.reason = reason
    }
}

extension ExpressionError: CustomStringConvertible {
    package var description: String { "column \(column): \(reason)" }
}

extension ExpressionError {
    static let empty = Self(.empty, 1, "", "the expression is empty. Write, for example: tag = web and status != ok")

    static func tooLong(_ column: Int) -> Self {
        Self(
            .tooLong, column, "", "an expression has at most \(DeviceExpression.maximumBytes) bytes, and this is where they end.")
    }

    static func tooManyComparisons(_ column: Int) -> Self {
        Self(.tooManyComparisons, column, "", "an expression has at most \(DeviceExpression.maximumComparisons) comparisons.")
    }

    static func tooDeep(_ column: Int) -> Self {
        Self(
            .tooDeep, column, "",
            "at most \(DeviceExpression.maximumNesting) times 'not' and '(' stand within each other. Leave out those not needed."
        )
    }

    static func unknownField(_ column: Int, _ found: String) -> Self {
        let fields = DeviceField.allCases.map(\.rawValue)
        let hint = NearestWord.find(found, in: fields + ["not"]).map { " Did you mean '\($0)'?" } ?? ""
        return Self(
            .unknownField, column, found, "'\(found)' is no field.\(hint) Fields: \(fields.joined(separator: ", ")).")
    }

    static func unknownOperator(_ column: Int, _ found: String, after field: DeviceField) -> Self {
        let what = found.isEmpty ? "the end was found" : "'\(found)' is no operator"
        return Self(.unknownOperator, column, found, "\(what): \(field.operatorsInWords).")
    }

    static func wrongOperator(_ column: Int, _ found: ExpressionOperator, after field: DeviceField) -> Self {
        Self(.wrongOperator, column, found.rawValue, "\(field.operatorsInWords), not with \(found.rawValue).")
    }

    static func wrongValue(_ column: Int, _ found: String, of field: DeviceField, _ operator: ExpressionOperator) -> Self {
        Self(
            .wrongValue, column, found,
            "'\(found)' is no value of '\(field.rawValue)'. Expected: \(field.expectedValue(`operator`)).")
    }

    /// `*` or `?` without quotes and without `~`.
    static func strayPattern(_ column: Int, _ found: String, canMatch: Bool) -> Self {
        let advice = canMatch ? "For a pattern, write ~ before it; for" : "No pattern can stand here. For"
        return Self(
            .wrongValue, column, found, "'\(found)' has a * or ? in it. \(advice) the character itself, double quotes around it.")
    }

    static func badQuotation(_ column: Int, _ found: String, _ reason: String) -> Self {
        Self(.badQuotation, column, found, reason)
    }

    static func unexpected(_ column: Int, _ found: String, expected: String) -> Self {
        let what = found.isEmpty ? "the end was found" : "'\(found)' was found"
        return Self(.unexpected, column, found, "\(what), expected: \(expected).")
    }
}

extension DeviceField {
    fileprivate var operatorsInWords: String {
        let list = operators.map(\.rawValue).joined(separator: " ")
        return self == .installed
            ? "'installed NAME' stands alone or with \(list) and a version" : "'\(rawValue)' is compared with \(list)"
    }
}
