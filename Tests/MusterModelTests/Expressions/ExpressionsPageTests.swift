import MusterTestKit
import Testing

@testable import MusterModel

@Suite("docs/expressions.md")
struct ExpressionsPageTests {
    private let page: MarkdownFile

    init() throws { page = try MarkdownFile("docs/expressions.md") }

    @Test("every field has its row, with its operators")
    func fields() throws {
        let rows = page.rows(under: "Fields")
        #expect(try rows.map { try #require($0[0].code) } == DeviceField.allCases.map(\.rawValue))
        for (row, field) in zip(rows, DeviceField.allCases) {
            #expect(row[2] == field.operators.map { "`\($0.rawValue)`" }.joined(separator: " "), "\(field)")
            #expect(row[1] == Self.values(of: field.kind), "\(field)")
        }
    }

    private static func values(of kind: DeviceField.Kind) -> String {
        switch kind {
        case .text: "text"
        case .version: "version"
        case .address: "address"
        case .set: "set"
        case .group: "group"
        case .choice(let codes): codes.map { "`\($0)`" }.joined(separator: " ")
        case .yesOrNo: "`yes` `no`"
        case .duration: "duration"
        case .number: "number"
        case .installed: "application"
        }
    }

    @Test("the grammar names every operator")
    func grammar() throws {
        let line = try #require(page.text.split(separator: "\n").first { $0.hasPrefix("    operator   = ") })
        #expect(
            line.split(separator: "= ", maxSplits: 1)[1]
                == ExpressionOperator.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " | "))
    }

    @Test("every example is an expression, and together they ask for nearly everything")
    func examples() throws {
        let examples = try page.rows(under: "Examples").map { try DeviceExpression(try #require($0[0].code)) }
        #expect(examples.count > 8)
        let missing = Set(DeviceField.allCases).subtracting(examples.flatMap(\.fields))
        #expect(missing == [.hostName, .sinceConnection, .sinceEnrolment])
        #expect(throws: Never.self) { try DeviceExpression("tag = web and (status != ok or since-connection > 3d)") }
    }

    @Test("the limits are those of the code")
    func limits() {
        let limits = page.rows(under: "Limits").map { "\($0[0]): \($0[1])" }
        #expect(
            limits == [
                "bytes of an expression: \(DeviceExpression.maximumBytes)", "comparisons: \(DeviceExpression.maximumComparisons)",
                "`not` and `(` within each other: \(DeviceExpression.maximumNesting)",
            ])
    }

    @Test("the refusal shown is the one given")
    func refused() throws {
        let shown = try #require(page.text.split(separator: "\n").first { $0.hasPrefix("    column 1: ") }).dropFirst(4)
        #expect(try "\(#require(refusal("statsu = ok")))".hasPrefix(shown.prefix { $0 != "…" }))
    }
}
