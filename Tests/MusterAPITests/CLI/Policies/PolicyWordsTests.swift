import MusterAPI
import MusterModel
import Testing

@testable import muster

/// Policies and settings as tables show them.
struct PolicyWordsTests {
    private func delivery(_ counts: [String: Int64], of total: Int64) -> PolicyDelivery {
        PolicyDelivery(policy: .random(), revision: 3, total: total, counts: counts)
    }

    @Test func aPolicyIsShownWithItsProfilesInOrder() {
        let policy = PolicyEditTests.policy
        let members = PolicyPrinter.members(policy)
        #expect(members.first { $0.name == "Profile 1" }?.value == "night, when tag = night")
        #expect(members.first { $0.name == "Group" }?.value == "/")
        #expect(
            PolicyPrinter.rows(policy) == [
                ["policy", "firewall", "on", "-"], ["policy", "proxy-password", "••••", "-"],
                ["policy", "sync-interval", "15m", "locked"], ["profile night", "sync-interval", "1h", "locked"],
            ])
    }

    @Test func aSettingIsExplainedByWhatItOverrides() throws {
        let policy = PolicyID.random()
        let entry = DeviceSettingEntry(
            application: "network-agent", key: "sync-interval", title: "Interval", value: .text("1h"), locked: true,
            origin: .init(kind: "profile", policy: policy, policyName: "Standard", group: "/", profile: "night"),
            overrides: [
                .init(value: .text("5m"), locked: false, origin: .init(kind: "device")),
                .init(
                    value: .text("10m"), locked: false,
                    origin: .init(kind: "policy", policy: policy, policyName: "Office", group: "/Warsaw")),
                .init(value: .text("15m"), locked: false, origin: .init(kind: "default")),
            ], restricted: true, changedLocally: true)
        #expect(
            entry.explained == [
                [
                    "network-agent", "sync-interval", "1h", "locked", "profile 'night' of policy 'Standard' of /",
                    "restricted by the device; changed locally",
                ],
                ["", "", "not 5m", "-", "set for this device", ""],
                ["", "", "not 10m", "-", "policy 'Office' of /Warsaw", ""], ["", "", "not 15m", "-", "default", ""],
            ])
        let unset = DeviceSettingEntry(
            application: "network-agent", key: "proxy", title: "Proxy", value: nil, locked: false, origin: .init(kind: "default"),
            overrides: [])
        #expect(unset.cells == ["network-agent", "proxy", "-", "-", "default", "-"])
        #expect(ValueWords.text(.list([])) == "(empty list)" && ValueWords.text(.list(["a", "b"])) == "a, b")
        #expect(ValueWords.text(.list(["/a,b", "", " c"])) == #"["/a,b",""," c"]"#)
    }

    @Test func deliveryIsCountedAndEndsWhenNothingIsUnderWay() {
        let going = delivery(["applied": 8, "pending": 3, "delivered": 1, "new-word": 2], of: 14)
        #expect(DeliveryWords.counts(going) == "8 of 14 applied · 1 delivered · 3 pending · 2 new-word")
        #expect(!DeliveryWords.isOver(going) && !DeliveryWords.isApplied(going))
        #expect(!DeliveryWords.isOver(delivery(["delivered": 1], of: 1)))
        let failed = delivery(["applied": 1, "failed": 1], of: 2)
        #expect(DeliveryWords.isOver(failed) && !DeliveryWords.isApplied(failed))
        let done = delivery(["applied": 1, "not-supported": 1], of: 2)
        #expect(DeliveryWords.isApplied(done) && DeliveryWords.counts(done) == "1 of 2 applied · 1 not-supported")
        #expect(DeliveryWords.isApplied(delivery([:], of: 0)))
    }

    @Test func theSameNumbersAreSaidOnce() throws {
        var follower = DeliveryFollower(policy: .random(), format: .table)
        #expect(!follower.isApplied, "nothing is known yet")
        let pending = delivery(["pending": 1], of: 1)
        #expect(try follower.line(pending) == "0 of 1 applied · 1 pending")
        #expect(try follower.line(pending) == nil)
        var applied = pending
        applied.counts = ["applied": 1]
        #expect(try follower.line(applied) == "1 of 1 applied")
        #expect(follower.isApplied)
        var lines = DeliveryFollower(policy: .random(), format: .json)
        #expect(try lines.line(applied)?.contains(#""counts":{"applied":1}"#) == true)
    }

    @Test func anApplicationsSheetSaysWhatIsAllowed() {
        let lines = ApplicationSheet.lines(ApplicationEntry(.networkAgent))
        #expect(lines.first == "network-agent: Network Agent")
        #expect(lines.contains("sync-interval  Synchronization interval"))
        #expect(lines.contains("    allowed  1m…1d") && lines.contains("    default  15m"))
        #expect(lines.contains("    default  none: the application goes on with what it has"))
        #expect(lines.contains("    type     secret"))
    }

    @Test func aTasksSheetSaysWhatMustBeSet() throws {
        let lines = ApplicationSheet.lines(ApplicationEntry(.scripts))
        let text = try #require(lines.firstIndex { $0.hasPrefix("text  ") })
        #expect(lines[text...].prefix(4).contains("    default  none: it must be set"), "\(lines)")
        let interpreter = try #require(lines.firstIndex { $0.hasPrefix("interpreter  ") })
        #expect(lines[interpreter...].prefix(4).contains("    default  not set"), "\(lines)")
        #expect(!lines.contains { $0.contains("goes on with what it has") })
        #expect(ApplicationEntry.columns.map(\.title)[3] == "TASKS" && ApplicationEntry(.scripts).cells[3] == "1")
    }

    @Test(arguments: [
        ("tag = web and statsu != ok", 15, "  tag = web and statsu != ok\n                ^"), ("a", 2, "  a\n   ^"),
        ("", 1, "  \n  ^"), ("a\tb", 3, "  a\\tb\n     ^"), ("ab", 99, "  ab\n    ^"), ("ab", 0, "  ab\n  ^"),
    ])
    func aCaretStandsUnderTheColumn(_ expression: String, _ column: Int, _ shown: String) {
        #expect(ExpressionPointer.lines(expression, column: column) == shown)
    }

    @Test func ofALongExpressionAPartIsShown() {
        let text = String(repeating: "a", count: 100) + "!" + String(repeating: "b", count: 100)
        let lines = ExpressionPointer.lines(text, column: 101).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= 80 })
        #expect(lines[0].hasPrefix("  …a") && lines[0].hasSuffix("b…"))
        #expect(Array(lines[0])[lines[1].count - 1] == "!")
    }

    @Test(arguments: [
        ("settings.sync-interval", "sync-interval"), ("profiles.0.when", "--when"), ("profiles.12.name", "<name>"),
        ("profiles.1.settings.proxy", "proxy"), ("settings.a.b", "a.b"), ("profiles", "profiles"), ("profiles.0", "profiles.0"),
        ("name", "<name>"), ("group", "--group"),
    ])
    func whatIsWrongIsNamedAsItWasTyped(_ field: String, _ said: String) {
        #expect(OptionWords.option(for: field, at: APIPath.policies) == said)
    }

    @Test func theServersColumnIsPointedAt() throws {
        let server = try #require(APIAddress("h"))
        let problem = Problem(
            .bodyInvalid, status: 400, title: "t", detail: "d",
            errors: [.init(field: "profiles", detail: "column 5: '!' was found, expected: an operator.")])
        let error = CommandError.refused(server, problem, at: APIPath.policies)
        #expect(error.pointing(into: "tag ! x").reason.hasSuffix("\n  tag ! x\n      ^"))
        #expect(error.pointing(into: nil).reason == error.reason)
        let other = CommandError.refused(
            server, Problem(.notFound, status: 404, title: "t", detail: "no column at all"), at: APIPath.policies)
        #expect(other.pointing(into: "tag ! x").reason == other.reason)
    }
}
