/// Which versions are meant: `< 3.0.17`.
package struct VersionComparison: Hashable, Sendable {
    package enum Operator: String, CaseIterable, Hashable, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case equal = "="
        case greaterOrEqual = ">="
        case greater = ">"
    }

    package var `operator`: Operator
    /// Compared by the rules of each source in turn.
    package var version: String

    package init(_ operator: Operator, _ version: String) {
        self.operator = `operator`
        self.version = version
    }
}
