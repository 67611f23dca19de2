import Testing

@testable import MusterModel

@Suite("Expressions made of parts")
struct ExpressionWritingTests {
    @Test("a value is quoted where it must be, and stays what it is")
    func quoted() {
        #expect(DeviceExpression.quoted("web-1") == "web-1")
        #expect(DeviceExpression.quoted("/Warsaw/Office") == "/Warsaw/Office")
        #expect(DeviceExpression.quoted("") == #""""#)
        #expect(DeviceExpression.quoted("and") == #""and""#)
        #expect(DeviceExpression.quoted("a b") == #""a b""#)
        #expect(DeviceExpression.quoted("a*") == #""a*""#)
        #expect(DeviceExpression.quoted(#"a"\"#) == #""a\"\\""#)
    }

    @Test("comparisons with any text mean that text", arguments: 0..<20 as Range<UInt64>)
    func anyText(seed: UInt64) throws {
        var random = Seeded(seed)
        let scalars = Array(#"ab"\*?~()= andor'"#.unicodeScalars) + ["\n", "\u{301}", "é", "\u{1F600}", "\u{200D}", "\u{FEFF}"]
        for _ in 0..<200 {
            let value = String(String.UnicodeScalarView((0..<random.below(8)).map { _ in random.oneOf(scalars) }))
            let facts = DeviceFacts(name: value, now: DeviceFacts.office.now)
            let expression = try DeviceExpression(.name, .equal, value)
            #expect(expression.matches(facts), "\(value)")
            #expect(expression.matches(DeviceFacts(name: value + "c", now: facts.now)) == false, "\(value)")
            #expect(try DeviceExpression(expression.text) == expression)
            let condition = InstalledCondition(name: value + "x", comparison: VersionComparison(.less, value))
            #expect(try DeviceExpression(condition).installedConditions == [condition], "\(value)")
        }
    }

    @Test("they are refused as a person's would be")
    func refused() {
        #expect(throws: ExpressionError.self) { try DeviceExpression(.status, .equal, "good") }
        #expect(throws: ExpressionError.self) { try DeviceExpression(.name, .less, "a") }
        #expect(throws: ExpressionError.self) { try DeviceExpression(.name, .equal, "a\0") }
        #expect(throws: ExpressionError.self) { try DeviceExpression(.installed, .equal, "openssl") }
        #expect(throws: ExpressionError.self) { try DeviceExpression(InstalledCondition(name: "")) }
    }

    @Test("and joins them; what has an or stands in parentheses")
    func all() throws {
        let parts = try ["tag = web", "name = a or name = b", "not status = ok"].map { try DeviceExpression($0) }
        #expect(try DeviceExpression.all(parts)?.text == "tag = web and (name = a or name = b) and not status = ok")
        #expect(try DeviceExpression.all([parts[1]]) == parts[1])
        #expect(try DeviceExpression.all([]) == nil)
    }

    @Test("together they keep to the limits")
    func limits() throws {
        let half = try DeviceExpression([String](repeating: "tag = a", count: 40).joined(separator: " or "))
        #expect(throws: ExpressionError.self) { try DeviceExpression.all([half, half]) }
    }
}
