import Testing

@testable import MusterModel

@Suite("The limits of expressions")
struct ExpressionLimitTests {
    @Test("4096 bytes are read, the next is refused where they end")
    func bytes() throws {
        let filling = String(repeating: "x", count: DeviceExpression.maximumBytes - 9)
        #expect(refusal("name = \"\(filling)\"")?.code == nil)
        let error = try #require(refusal("name = \"\(filling)x\""))
        #expect(error.code == .tooLong && error.column == 4097)
        #expect("\(error)" == "column 4097: an expression has at most 4096 bytes, and this is where they end.")
        // In characters of two bytes the column is earlier.
        let wide = try #require(refusal("name = \"" + String(repeating: "é", count: 3000)))
        #expect(wide.code == .tooLong && wide.column == 8 + 2044 + 1)
        #expect(refusal(String(repeating: " ", count: 10_000_000))?.column == 4097)
    }

    @Test("64 comparisons are read, the next is refused where it stands")
    func comparisons() throws {
        func joined(_ count: Int) -> String { [String](repeating: "tag = a", count: count).joined(separator: " or ") }
        #expect(refusal(joined(64)) == nil)
        let error = try #require(refusal(joined(65)))
        #expect(error.code == .tooManyComparisons && error.column == 64 * 11 + 1)
        #expect("\(error)" == "column 705: an expression has at most 64 comparisons.")
    }

    @Test("not and ( stand 32 times within each other, the next is refused where it stands", arguments: ["(", "not ", "not("])
    func nesting(_ opening: String) throws {
        let each = opening == "not(" ? 2 : 1
        func nested(_ times: Int) -> String {
            let closing = opening.contains("(") ? String(repeating: ")", count: times) : ""
            return String(repeating: opening, count: times) + "tag = a" + closing
        }
        #expect(refusal(nested(32 / each)) == nil)
        let error = try #require(refusal(nested(32 / each + 1)))
        #expect(error.code == .tooDeep && error.column == 32 / each * opening.count + 1)
        #expect(refusal(String(repeating: opening, count: 4096 / opening.count))?.code == .tooDeep)
    }

    @Test("what stands side by side is not nested")
    func wide() {
        #expect(refusal([String](repeating: "(not (tag = a))", count: 60).joined(separator: " and ")) == nil)
    }

    @Test("a pattern made to take long takes its length times that of the text")
    func slowPattern() throws {
        let pattern = String(repeating: "*a", count: 2000) + "*b"
        let facts = DeviceFacts(name: String(repeating: "a", count: 255), now: DeviceFacts.office.now)
        #expect(try !facts.matches("name ~ \(pattern)"))
    }
}
