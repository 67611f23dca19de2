// Expressions made by programs, as of the flags of a command: written as a person would, then read.
extension DeviceExpression {
    /// Values without quotes they cannot be.
    static let reservedWords: Set<String> = ["and", "or", "not"]

    /// One comparison with a value as it is, whatever is in it.
    /// - Throws: when the field is not compared so, or the value is none of its.
    package init(_ field: DeviceField, _ operator: ExpressionOperator, _ value: String) throws(ExpressionError) {
        if field == .installed { throw .wrongOperator(1, `operator`, after: field) }
        try self.init("\(field.rawValue) \(`operator`.rawValue) \(Self.quoted(value))")
    }

    package init(_ condition: InstalledCondition) throws(ExpressionError) {
        let name = Self.quoted(condition.name)
        guard let comparison = condition.comparison else { try self.init("installed \(name)"); return }
        try self.init("installed \(name) \(comparison.operator.rawValue) \(Self.quoted(comparison.version))")
    }

    /// The value as it stands in an expression: in quotes where it needs them.
    package static func quoted(_ value: String) -> String {
        let isBare =
            !value.isEmpty && !reservedWords.contains(value)
            && value.unicodeScalars.allSatisfy { ExpressionScanner.isWord($0) && $0 != "*" && $0 != "?" }
        if isBare { return value }
        var result: String.UnicodeScalarView = "\"".unicodeScalars
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.append("\\") }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }
}
