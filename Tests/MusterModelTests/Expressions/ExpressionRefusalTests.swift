import Testing

@testable import MusterModel

@Suite("Refused expressions")
struct ExpressionRefusalTests {
    @Test(
        "each says where, what and what to do instead",
        arguments: [
            ("", "column 1: the expression is empty. Write, for example: tag = web and status != ok"),
            (" \n", "column 1: the expression is empty. Write, for example: tag = web and status != ok"),
            (
                "tag = web and statsu = ok",
                "column 15: 'statsu' is no field. Did you mean 'status'? Fields: name, host-name, os, "
            ),
            ("hostname = a", "column 1: 'hostname' is no field. Did you mean 'host-name'? Fields: "),
            ("NOT name = a", "column 1: 'NOT' is no field. Did you mean 'not'? Fields: "),
            ("Name = a", "column 1: 'Name' is no field. Did you mean 'name'? Fields: "),
            ("owner = a", "column 1: 'owner' is no field. Fields: "),
            ("= a", "column 1: '=' was found, expected: a field, not, installed, or (."),
            ("not", "column 4: the end was found, expected: a field, not, installed, or (."),
            ("name = a and", "column 13: the end was found, expected: a field, not, installed, or (."),
            ("(", "column 2: the end was found, expected: a field, not, installed, or (."),
            ("()", "column 2: ')' was found, expected: a field, not, installed, or (."),
            ("name", "column 5: the end was found: 'name' is compared with = != ~."),
            ("name is a", "column 6: 'is' is no operator: 'name' is compared with = != ~."),
            ("name == a", "column 6: '==' is no operator: 'name' is compared with = != ~."),
            ("(name)", "column 6: ')' is no operator: 'name' is compared with = != ~."),
            ("name < a", "column 6: 'name' is compared with = != ~, not with <."),
            ("group under", "column 12: the end was found, expected: a value: a word, or any text in double quotes."),
            ("name = 'a'", "column 8: ''a'' was found, expected: a value: a word, or any text in double quotes."),
            ("name = or", "column 8: 'or' was found, expected: a value. As a value, write \"or\" in double quotes."),
            ("name = a%b", "column 9: '%b' was found, expected: a space. A value with such a character stands in double quotes."),
            ("name = Debian 12", "column 15: '12' was found, expected: and, or, or the end."),
            ("name = a AND tag = b", "column 10: 'AND' was found, expected: and, or, or the end."),
            ("name = a)", "column 9: ')' was found, expected: the end, since no ( is open."),
            ("(name = a or (tag = b)", "column 23: the end was found, expected: and, or, or ) for the ( in column 1."),
            (
                "name = a*",
                "column 8: 'a*' has a * or ? in it. For a pattern, write ~ before it; for the character itself, double quotes around "
            ),
            (
                "installed python3*",
                "column 11: 'python3*' has a * or ? in it. No pattern can stand here. For the character itself, double quotes "
            ),
            (#"name = "a"#, #"column 8: the quoted text that begins here has no " at its end."#),
            (#"name = "a\n""#, #"column 10: in quotes, only " and \ follow a \. For a \ itself write \\."#),
            ("name = \"a\0\"", "column 10: the character U+0000 cannot stand in a text."),
            ("status = good", "column 10: 'good' is no value of 'status'. Expected: ok, warning, critical, revoked."),
            ("status = OK", "column 10: 'OK' is no value of 'status'. Expected: ok, warning, critical, revoked."),
            ("permanent = 1", "column 13: '1' is no value of 'permanent'. Expected: yes, no."),
            (
                "group = Warsaw",
                "column 9: 'Warsaw' is no value of 'group'. Expected: the path of a group, such as /Warsaw/Office, or unassigned."
            ),
            ("group = /Warsaw/", "column 9: '/Warsaw/' is no value of 'group'. Expected: "),
            (
                "group under unassigned",
                "column 13: 'unassigned' is no value of 'group'. Expected: the path of a group, such as /Warsaw/Office."
            ),
            (
                "address = 10.1",
                "column 11: '10.1' is no value of 'address'. Expected: an address or a network, such as 10.0.0.0/8 or "
            ),
            ("address = 10.0.0.0/33", "column 11: '10.0.0.0/33' is no value of 'address'. Expected: "),
            (
                "since-connection > 3",
                "column 20: '3' is no value of 'since-connection'. Expected: a duration, such as 3d or 1h30m "
            ),
            ("since-connection > 36526d", "column 20: '36526d' is no value of 'since-connection'. Expected: "),
            ("installed-count > -1", "column 19: '-1' is no value of 'installed-count'. Expected: a number."),
            ("installed-count > 1234567890123456789", "column 19: '1234567890123456789' is no value of 'installed-count'. "),
            (
                "installed",
                "column 10: the end was found, expected: the name of an application: a word, or any text in double quotes."
            ),
            (#"installed """#, "column 11: '\"\"' was found, expected: the name of an application."),
            (
                "installed and",
                "column 11: 'and' was found, expected: the name of an application. As a value, write \"and\" in double quotes."
            ),
            ("installed a != 1", "column 13: 'installed NAME' stands alone or with = < <= > >= and a version, not with !=."),
            ("installed a ~ 1", "column 13: 'installed NAME' stands alone or with = < <= > >= and a version, not with ~."),
            (
                "installed a <> 1",
                "column 13: '<>' is no operator: 'installed NAME' stands alone or with = < <= > >= and a version."
            ),
            ("installed a 1", "column 13: '1' was found, expected: and, or, or the end."),
            (
                "installed = a",
                "column 11: '=' was found, expected: the name of an application: a word, or any text in double quotes."
            ),
            ("installed a <", "column 14: the end was found, expected: a version: a word, or any text in double quotes."),
        ])
    func refused(_ text: String, _ words: String) throws {
        let error = try #require(refusal(text))
        #expect("\(error)".hasPrefix(words), "\(error)")
    }

    @Test("each field refuses every operator that it does not list", arguments: DeviceField.allCases.filter { $0 != .installed })
    func operators(field: DeviceField) throws {
        for `operator` in ExpressionOperator.allCases where !field.operators.contains(`operator`) {
            let error = try #require(refusal("not \(field.rawValue) \(`operator`.rawValue) x"))
            #expect(error.code == .wrongOperator && error.column == 6 + field.rawValue.utf8.count, "\(error)")
            #expect(error.found == `operator`.rawValue)
        }
    }

    @Test("columns count characters of Unicode, and what is found is cut")
    func columns() throws {
        #expect(refusal("name = \"é北\u{1F600}\" und")?.column == 14)
        let error = try #require(refusal("name = a " + String(repeating: "x", count: 100)))
        #expect(error.found == String(repeating: "x", count: 32) + "…")
        #expect(refusal(String(repeating: "x", count: 4000))?.found.count == 33)
        #expect(refusal("status = \"" + String(repeating: "x", count: 4000) + "\"")?.found.count == 33)
    }

    @Test("a trailing operator run is cut, too")
    func operatorRun() {
        #expect(refusal("name " + String(repeating: "=", count: 4000))?.found == "========")
    }
}
