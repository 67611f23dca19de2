import FoundationEssentials
import MusterAPI
import MusterModel
import Testing

@testable import muster

/// What is sent so that a policy becomes what a person asked for.
struct PolicyEditTests {
    private static func profile(_ name: String, _ settings: [String: PolicySetting] = [:]) -> PolicyProfileEntry {
        PolicyProfileEntry(name: name, when: "tag = \(name)", enabled: true, settings: settings)
    }

    static let policy = PolicyEntry(
        id: .random(), name: "Standard", application: "network-agent", group: GroupReference(id: .root, path: "/"), active: true,
        revision: 7, created: Timestamp(milliseconds: 0), changed: Timestamp(milliseconds: 0),
        settings: [
            "sync-interval": PolicySetting(value: .text("15m"), locked: true), "firewall": PolicySetting(value: .onOff(true)),
            "proxy-password": PolicySetting(value: .secret, locked: false),
        ],
        profiles: [profile("night", ["sync-interval": PolicySetting(value: .text("1h"), locked: true)]), profile("day")])

    private let edit = PolicyEdit(policy: policy)

    private func json(_ change: ChangePolicy) throws -> String { String(decoding: try APICoding.encode(change), as: UTF8.self) }

    @Test func valuesAreSentAsTextAndKeepTheirLocks() throws {
        #expect(
            try json(edit.setting(["sync-interval": "5m"], locked: nil, profile: nil))
                == #"{"settings":{"sync-interval":{"locked":true,"value":"5m"}}}"#)
        #expect(
            try json(edit.setting(["request-port": "15001"], locked: nil, profile: nil))
                == #"{"settings":{"request-port":{"locked":false,"value":"15001"}}}"#)
        #expect(try edit.setting(["firewall": "off"], locked: true, profile: nil).settings?["firewall"]??.locked == true)
        #expect(
            try edit.setting(["sync-interval": "5m"], locked: false, profile: nil).settings?["sync-interval"]??.locked == false)
    }

    @Test func whatIsTakenOutIsSentAsNull() throws {
        #expect(try json(edit.unsetting(["firewall"], profile: nil)) == #"{"settings":{"firewall":null}}"#)
        let error = try #require(throws: CommandError.self) { _ = try edit.unsetting(["request-port"], profile: nil) }
        #expect(error.reason == "The policy 'Standard' does not set 'request-port'.")
    }

    @Test func aLockChangesNoValueAlsoOfASecret() throws {
        #expect(
            try json(edit.locking(["proxy-password"], true, profile: nil))
                == #"{"settings":{"proxy-password":{"locked":true,"value":{"secret":true}}}}"#)
        #expect(try edit.locking(["sync-interval"], false, profile: nil).settings?["sync-interval"]??.value == .text("15m"))
        #expect(throws: CommandError.self) { try edit.locking(["request-port"], true, profile: nil) }
    }

    @Test func inAProfileAllProfilesAreSentAndNothingElse() throws {
        let change = try edit.setting(["sync-interval": "2h", "firewall": "on"], locked: nil, profile: "night")
        #expect(change.settings == nil && change.profiles?.map(\.name) == ["night", "day"])
        let night = try #require(change.profiles?.first?.settings)
        #expect(night["sync-interval"] == PolicySetting(value: .text("2h"), locked: true))
        #expect(night["firewall"] == PolicySetting(value: .text("on"), locked: false))
        #expect(try edit.unsetting(["sync-interval"], profile: "night").profiles?.first?.settings.isEmpty == true)
        let error = try #require(throws: CommandError.self) { _ = try edit.setting(["a": "b"], locked: nil, profile: "noon") }
        #expect(error.reason.contains("'noon'") && error.advice == "It has: night, day.")
    }

    @Test func profilesHaveTheirPlaces() throws {
        func names(_ change: ChangePolicy) -> [String]? { change.profiles?.map(\.name) }
        #expect(names(try edit.adding(Self.profile("noon"), at: nil)) == ["night", "day", "noon"])
        #expect(names(try edit.adding(Self.profile("noon"), at: 1)) == ["noon", "night", "day"])
        #expect(names(try edit.adding(Self.profile("noon"), at: 3)) == ["night", "day", "noon"])
        for place in [0, 4, -1] {
            let error = try #require(throws: CommandError.self) { _ = try edit.adding(Self.profile("noon"), at: place) }
            #expect(error.reason.contains("--at takes 1 to 3"))
        }
        #expect(names(try edit.editing(profile: "night", at: 2)) == ["day", "night"])
        #expect(throws: CommandError.self) { try edit.editing(profile: "night", at: 3) }
        #expect(names(try edit.removing(profile: "night")) == ["day"])
    }

    @Test func anEditedProfileKeepsWhatIsNotNamed() throws {
        let profiles = try #require(
            try edit.editing(profile: "night", when: "os ~ Debian*", rename: "late", enabled: false).profiles)
        #expect(
            profiles.first
                == PolicyProfileEntry(
                    name: "late", when: "os ~ Debian*", enabled: false,
                    settings: ["sync-interval": PolicySetting(value: .text("1h"), locked: true)]))
        #expect(profiles.last == Self.policy.profiles.last)
        #expect(try edit.editing(profile: "day", at: 1).profiles?.first == Self.policy.profiles.last)
    }
}
