import Testing

@testable import MusterModel

/// `yes` holds for the device and `no` does not.
@Suite("The grammar of expressions")
struct ExpressionGrammarTests {
    /// Tags stand for what is true and what is not.
    private func matches(_ text: String) throws -> Bool {
        var facts = DeviceFacts(name: "x", now: Timestamp(milliseconds: 0))
        facts.tags = ["yes", "and", "two words"]
        return try facts.matches(
            text.replacing("YES", with: "tag = yes").replacing("NO", with: "tag = no"))
    }

    @Test(
        "not binds most, then and, then or",
        arguments: [
            ("YES", true), ("NO", false), ("not NO", true), ("not YES", false), ("not not YES", true),
            ("YES and NO", false), ("YES or NO", true), ("YES and YES and YES", true), ("YES and YES and NO", false),
            ("NO or NO or YES", true), ("YES or NO and NO", true), ("NO and NO or YES", true), ("NO and (NO or YES)", false),
            ("(YES or NO) and NO", false), ("not NO and NO", false), ("not (NO and NO)", true), ("not YES or YES", true),
            ("not (YES or YES)", false), ("((YES))", true), ("not (not (YES))", true), ("YES and not NO", true),
            ("YES and not (NO or YES) or YES", true),
        ])
    func precedence(_ text: String, _ holds: Bool) throws {
        #expect(try matches(text) == holds)
    }

    @Test(
        "space, tabs and lines separate, and none is needed where nothing can be confused",
        arguments: [
            "tag=yes", "  tag   =   yes  ", "\ttag\n=\r\nyes\n", "(tag=yes)and(tag!=no)", "not(tag=no)", "(tag=yes)or tag=no",
            "tag=\"yes\"and tag!=no", "not\ntag = no",
        ])
    func space(_ text: String) throws {
        #expect(try matches(text))
    }

    @Test(
        "quoted values hold any text",
        arguments: [
            (#"name = """#, ""), (#"name = "a b""#, "a b"), (#"name = "a\"b""#, "a\"b"), (#"name = "a\\b""#, #"a\b"#),
            (#"name = "\\\"""#, #"\""#), (#"name = "and""#, "and"), (#"name = "a*?b""#, "a*?b"),
            ("name = \"Büro\u{301} 北京\"", "Büro\u{301} 北京"), ("name = \"a\nb\"", "a\nb"),
            (#"name = ") or name = x""#, ") or name = x"),
        ])
    func quoted(_ text: String, _ name: String) throws {
        #expect(try DeviceFacts(name: name, now: DeviceFacts.office.now).matches(text))
        #expect(try !DeviceFacts(name: name + "x", now: DeviceFacts.office.now).matches(text))
    }

    @Test("bare values hold what addresses, versions and paths are made of")
    func bare() throws {
        for value in ["a.b_c+d/e:f@g-h", "0", "-", "installed", "under", "name", "1:3.0~rc1"] {
            #expect(try DeviceFacts(name: value, now: DeviceFacts.office.now).matches("name = \(value)"), "\(value)")
        }
    }

    @Test("a mark that combines with a quote or a bracket hides neither")
    func combining() throws {
        let facts = DeviceFacts(name: "\u{301}a\u{301}", now: DeviceFacts.office.now)
        #expect(try facts.matches("name = \"\u{301}a\u{301}\""))
        #expect(refusal("(name = a)\u{301}")?.column == 11)
    }

    @Test("the text stays as it was written; what it asks for is known")
    func parts() throws {
        let text = "  name = a or (installed openssl<3 and not installed openssl)or installed openssl < 3"
        let expression = try DeviceExpression(text)
        #expect(expression.text == text && "\(expression)" == text)
        #expect(expression.fields == [.name, .installed])
        #expect(
            expression.installedConditions == [
                InstalledCondition(name: "openssl"),
                InstalledCondition(name: "openssl", comparison: VersionComparison(.less, "3")),
            ])
    }
}
