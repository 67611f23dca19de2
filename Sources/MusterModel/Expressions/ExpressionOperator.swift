/// What stands between a field and a value.
package enum ExpressionOperator: String, CaseIterable, Hashable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// `*` and `?` stand for other characters.
    case matches = "~"
    /// In this group or one below it.
    case under

    static let equality: [Self] = [.equal, .notEqual]
    static let ordering: [Self] = [.less, .lessOrEqual, .greater, .greaterOrEqual]

    /// - Parameter isSame: whether the fact is the value.
    func holds(_ isSame: Bool) -> Bool { self == .notEqual ? !isSame : isSame }

    func holds<Value: Comparable>(_ fact: Value, _ value: Value) -> Bool {
        switch self {
        case .less: fact < value
        case .lessOrEqual: fact <= value
        case .greater: fact > value
        case .greaterOrEqual: fact >= value
        default: holds(fact == value)
        }
    }
}
