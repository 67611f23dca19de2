/// A question that each device answers with yes or no: `tag = web and (status != ok or since-connection > 3d)`.
///
/// One language for selections, rules, the activation of policy profiles and the filters of lists; docs/expressions.md describes it. It
/// is read once and then asked as often as facts come; it looks nothing up and knows no time of its own.
package struct DeviceExpression: Hashable, Sendable {
    /// 64 for each of as many comparisons.
    package static let maximumBytes = 4096
    /// Each is asked of each device: of 15,000 devices that is a million comparisons, 0.03 s of choices to 2 s of addresses.
    package static let maximumComparisons = 64
    /// `not` and `(` within each other. People write 3; it bounds the stack in reading and asking, a few hundred bytes a level.
    package static let maximumNesting = 32

    /// As a person wrote it.
    package let text: String
    /// What it asks for: only when one of these changed can the answer be another; or at `nextChange`.
    package let fields: Set<DeviceField>
    /// What it asks of the inventory, each once; those that hold belong into the facts.
    package let installedConditions: Set<InstalledCondition>
    /// What it asks of times.
    private let spans: [Span]
    let groupNames: [ExpressionGroupName]
    private let root: ExpressionNode

    private struct Span: Hashable, Sendable {
        let field: DeviceField
        let duration: Duration
    }

    package init(_ text: String) throws(ExpressionError) {
        var parser = try ExpressionParser(text)
        root = try parser.parse()
        self.text = text
        fields = Set(parser.comparisons.map(\.field))
        installedConditions = Set(
            parser.comparisons.compactMap { if case .installed(let condition) = $0 { condition } else { nil } })
        groupNames = parser.groupNames
        spans = parser.comparisons.compactMap {
            if case .field(let field, _, .duration(let duration)) = $0 { Span(field: field, duration: duration) } else { nil }
        }
    }

    package func matches(_ facts: DeviceFacts) -> Bool { root.holds(for: facts) }

    /// When the answer may become another though none of these facts does: the next moment after which something that it asks for is
    /// longer ago. Nil: never.
    package func nextChange(for facts: DeviceFacts) -> Timestamp? {
        spans.compactMap { span in facts.instant(of: span.field).map { $0 + span.duration } }.filter { $0 >= facts.now }.min()
    }

    /// Whether `and` would bind a part of it alone.
    private var needsParentheses: Bool { if case .any = root { true } else { false } }

    /// One that holds where all of these do; nil for none of them.
    /// - Throws: when together they pass a limit.
    package static func all(_ expressions: [Self]) throws(ExpressionError) -> Self? {
        guard expressions.count > 1 else { return expressions.first }
        let texts = expressions.map { $0.needsParentheses ? "(\($0.text))" : $0.text }
        return try Self(texts.joined(separator: " and "))
    }
}

extension DeviceExpression: CustomStringConvertible {
    package var description: String { text }
}
