import MusterModel
import Testing

/// Expressions follow the groups that they name.
@Suite("Expressions and groups that move")
struct ExpressionGroupTests {
    private let old: GroupPath

    init() throws { old = try #require(GroupPath("/Warsaw/Office")) }

    private func following(_ text: String, to new: String) throws -> String? {
        try DeviceExpression(text).following(old, to: #require(GroupPath(new)))?.text
    }

    @Test(arguments: [
        ("group = /Warsaw/Office", "group = /Krakow"),
        (
            "tag = a and (group under  /Warsaw/Office/Desk or group=\"/Warsaw/Office\")",
            "tag = a and (group under  /Krakow/Desk or group=/Krakow)"
        ),
        ("not group != /Warsaw/Office and group = /Warsaw", "not group != /Krakow and group = /Warsaw"),
    ])
    func theyFollow(before: String, after: String) throws {
        #expect(try following(before, to: "/Krakow") == after)
    }

    @Test(arguments: [
        "group = /Warsaw", "group = /Warsaw/Officer", "group = unassigned", "name = /Warsaw/Office", "tag ~ \"/Warsaw/Office*\"",
    ])
    func whatNamesAnotherStays(text: String) throws { #expect(try following(text, to: "/Krakow") == nil) }

    @Test func aNameWithQuotesIsQuoted() throws {
        let text = try #require(try following("group = /Warsaw/Office or group under /Warsaw/Office/A", to: #"/a "b" \ c"#))
        #expect(text == #"group = "/a \"b\" \\ c" or group under "/a \"b\" \\ c/A""#)
        #expect(
            try DeviceExpression(text).following(#require(GroupPath(#"/a "b" \ c"#)), to: old)?.text
                == "group = /Warsaw/Office or group under /Warsaw/Office/A")
    }

    @Test func oneThatWouldBeTooLongIsRefused() throws {
        let many = Array(repeating: "group = /Warsaw/Office", count: 60).joined(separator: " or ")
        let long = "/" + Array(repeating: String(repeating: "n", count: 60), count: 4).joined(separator: "/")
        #expect(throws: ExpressionError.self) { try following(many, to: long) }
    }
}
