import Foundation
import MusterAPI
import MusterModel
import MusterStore
import NIOHTTP1
import Synchronization
import Testing

@testable import MusterServer

/// `policies`, `applications` and the settings of devices.
struct PolicyRouteTests {
    private func create(_ api: APIFixture, _ json: String) async throws -> PolicyEntry {
        let answer = try await api.client.send(.POST, APIPath.policies, json: json)
        #expect(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        return try answer.value()
    }

    private func path(_ policy: PolicyEntry) -> String { APIPath.filled(APIPath.policy, policy.id) }

    @Test func aPolicyIsMadeChangedRestoredAndDeleted() async throws {
        try await APIFixture.with { api in
            let made = try await create(
                api,
                #"""
                {"name":"All","application":"network-agent","group":"/",
                "settings":{"sync-interval":{"value":"5m","locked":true},"firewall":{"value":true},"request-port":{"value":15001}}}
                """#)
            #expect(made.group == GroupReference(id: .root, path: "/") && made.active && made.revision == 1)
            #expect(made.settings["sync-interval"] == PolicySetting(value: .text("5m"), locked: true))
            #expect(made.settings["firewall"] == PolicySetting(value: .onOff(true), locked: false))
            let changed: PolicyEntry = try await api.client.send(
                .PATCH, path(made), json: #"{"name":"Everybody","settings":{"firewall":null,"request-port":{"value":"15002"}}}"#,
                headers: [("If-Match", "\"1\"")]
            ).value()
            #expect(changed.name == "Everybody" && changed.revision == 2 && changed.settings["firewall"] == nil)
            #expect(changed.settings["request-port"]?.value == .number(15_002))
            let stale = try await api.client.send(
                .PATCH, path(made), json: #"{"name":"x"}"#, headers: [("If-Match", "\"1\"")])
            #expect(stale.status == 412)
            let revisions: Page<PolicyRevisionEntry> = try await api.client.get(
                APIPath.filled(APIPath.policyRevisions, made.id)
            ).value()
            #expect(revisions.items.map(\.revision) == [2, 1])
            #expect(revisions.items.first?.change == "called 'All' before; firewall not set any more; request-port = 15002")
            let restored: PolicyEntry = try await api.client.send(
                .POST, APIPath.filled(APIPath.policyRestore, made.id), json: #"{"revision":1}"#
            ).value()
            #expect(restored.revision == 3 && restored.settings == made.settings && restored.name == "Everybody")
            let never = try await api.client.send(
                .POST, APIPath.filled(APIPath.policyRestore, made.id), json: #"{"revision":9}"#)
            #expect(never.problem?.errors?.first?.field == "revision")
            #expect(try await api.client.send(.DELETE, path(made)).status == 204)
            #expect(try await api.client.get(path(made)).status == 404)
            #expect(api.backend.administration.policies.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"sync-interval":{"value":"59s"}}"#, "settings.sync-interval", "1m…1d"),
        (#"{"sync-interval":{"value":5}}"#, "settings.sync-interval", "1m…1d"),
        (#"{"firewall":{"value":"maybe"}}"#, "settings.firewall", "on or off"),
        (#"{"request-port":{"value":80}}"#, "settings.request-port", "1024…65535"),
        (#"{"server-addresses":{"value":["a b"]}}"#, "settings.server-addresses", nil),
        (#"{"proxy-password":{"value":{"secret":true}}}"#, "settings.proxy-password", nil),
        (#"{"colour":{"value":"red"}}"#, "settings.colour", nil),
    ])
    func aWrongValueIsRefusedWhereItIsEntered(_ settings: String, _ field: String, _ allowed: String?) async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.send(
                .POST, APIPath.policies, json: #"{"name":"a","application":"network-agent","group":"/","settings":\#(settings)}"#)
            #expect(answer.status == 400)
            #expect(answer.problem?.errors?.first?.field == field)
            if let allowed { #expect(answer.problem?.errors?.first?.allowed == allowed) }
        }
    }

    @Test(arguments: [
        (#"{"name":"a","application":"notepad","group":"/"}"#, "application"),
        (#"{"name":"a","application":"services","group":"/Nowhere"}"#, "group"),
        (#"{"name":" a","application":"services","group":"/"}"#, "name"),
        (
            #"{"name":"a","application":"services","group":"/","profiles":[{"name":"p","when":"tagg = a","settings":{}}]}"#,
            "profiles.0.when"
        ),
        (
            #"{"name":"a","application":"services","group":"/","profiles":[{"name":"p","when":"status = ok","settings":{}}]}"#,
            "profiles.0.when"
        ),
        (
            #"{"name":"a","application":"services","group":"/","profiles":[{"name":"p","when":"tag = a","settings":{"x":{"value":1}}}]}"#,
            "profiles.0.settings.x"
        ),
    ])
    func whatIsWrongIsNamed(_ body: String, _ field: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.send(.POST, APIPath.policies, json: body)
            #expect(answer.status == 400)
            #expect(answer.problem?.errors?.first?.field == field)
        }
    }

    @Test func aSecretIsKeptAndNeverShown() async throws {
        try await APIFixture.with { api in
            let made = try await create(
                api, #"{"name":"a","application":"network-agent","group":"/","settings":{"proxy-password":{"value":"geheim"}}}"#)
            #expect(made.settings["proxy-password"]?.value == .secret)
            let text = String(decoding: try await api.client.get(path(made)).body, as: UTF8.self)
            #expect(text.contains(#""secret":true"#) && !text.contains("geheim") && !text.contains("mieheg"))
            // Sent back as it was read, it stays.
            let again: PolicyEntry = try await api.client.send(
                .PATCH, path(made), json: #"{"settings":{"proxy-password":{"value":{"secret":true},"locked":true}}}"#
            ).value()
            #expect(again.settings["proxy-password"] == PolicySetting(value: .secret, locked: true))
            let kept = api.backend.administration.policies[made.id]?.policy.content.settings["proxy-password"]?.value
            #expect(kept == api.backend.seal("geheim").map { .secret($0) })
        }
    }

    @Test func aProfileThatIsRenamedKeepsItsSecrets() async throws {
        try await APIFixture.with { api in
            let made = try await create(
                api,
                #"""
                {"name":"a","application":"network-agent","group":"/","profiles":[
                {"name":"p","when":"tag = a","settings":{"proxy-password":{"value":"geheim"}}},{"name":"q","when":"tag = b","settings":{}}]}
                """#)
            let renamed: PolicyEntry = try await api.client.send(
                .PATCH, path(made),
                json: #"""
                    {"profiles":[{"name":"q","when":"tag = b","settings":{}},
                    {"name":"r","when":"tag = a","settings":{"proxy-password":{"value":{"secret":true}}}}]}
                    """#
            ).value()
            #expect(renamed.profiles.map(\.name) == ["q", "r"])
            let kept = api.backend.administration.policies[made.id]?.policy.content.profiles.last?.settings["proxy-password"]
            #expect(kept?.value == api.backend.seal("geheim").map { .secret($0) })
        }
    }

    @Test func oneIsActiveForAnApplicationInAGroup() async throws {
        try await APIFixture.with { api in
            let first = try await create(api, #"{"name":"a","application":"services","group":"/"}"#)
            let second = try await create(api, #"{"name":"b","application":"services","group":"/"}"#)
            let shown: PolicyEntry = try await api.client.get(path(first)).value()
            #expect(!shown.active && second.active)
            let listed: Page<PolicyEntry> = try await api.client.get(APIPath.policies + "?application=services&group=/").value()
            #expect(listed.items.map(\.name) == ["a", "b"] && listed.items.map(\.active) == [false, true])
            let paged: Page<PolicyEntry> = try await api.client.get(APIPath.policies + "?limit=1").value()
            #expect(paged.items.map(\.name) == ["a"])
            let next: Page<PolicyEntry> = try await api.client.get(APIPath.policies + "?limit=1&cursor=\(paged.next ?? "")")
                .value()
            #expect(next.items.map(\.name) == ["b"] && next.next == nil)
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await APIFixture.with { api in
            api.backend.policies.withLock { $0.dryRun = PolicyDryRun(devices: 3, reachableNow: 2, bytes: 100) }
            let made = try await create(api, #"{"name":"a","application":"services","group":"/"}"#)
            let run: PolicyDryRun = try await api.client.send(.PATCH, path(made) + "?dryRun=true", json: #"{"name":"b"}"#).value()
            #expect(run == PolicyDryRun(devices: 3, reachableNow: 2, bytes: 100))
            let shown: PolicyEntry = try await api.client.get(path(made)).value()
            #expect(shown.name == "a" && shown.revision == 1)
            let new = try await api.client.send(
                .POST, APIPath.policies + "?dryRun=true", json: #"{"name":"c","application":"services","group":"/"}"#)
            #expect(new.status == 200)
            #expect(try await api.store.fetchPolicies().count == 1)
        }
    }

    @Test func dryRunsOfRestoringAndDeletingChangeNothing() async throws {
        try await APIFixture.with { api in
            api.backend.policies.withLock { $0.dryRun = PolicyDryRun(devices: 3, reachableNow: 2, bytes: 100) }
            let made = try await create(
                api, #"{"name":"a","application":"network-agent","group":"/","settings":{"sync-interval":{"value":"5m"}}}"#)
            let set = #"{"settings":{"sync-interval":{"value":"10m"}}}"#
            #expect(try await api.client.send(.PATCH, path(made), json: set).status == 200)
            let restore = path(made) + "/restore?dryRun=true"
            let restored: PolicyDryRun = try await api.client.send(.POST, restore, json: #"{"revision":1}"#).value()
            let deleted: PolicyDryRun = try await api.client.send(.DELETE, path(made) + "?dryRun=true").value()
            #expect(restored.devices == 3 && deleted.devices == 3)
            let asked = api.backend.policies.withLock { $0.dryRuns }
            #expect(asked.map(\.isActive) == [true, false], "one that is deleted is in force nowhere")
            #expect(asked.first?.content.settings["sync-interval"]?.value == .duration(.minutes(5)))
            let stale = [("If-Match", "\"1\"")]
            #expect(try await api.client.send(.POST, restore, json: #"{"revision":1}"#, headers: stale).status == 412)
            #expect(try await api.client.send(.DELETE, path(made) + "?dryRun=true", headers: stale).status == 412)
            let shown: PolicyEntry = try await api.client.get(path(made)).value()
            #expect(shown.revision == 2 && shown.active)
        }
    }

    /// Who meant to try a change, and said it in another word, has made none.
    @Test func whatIsNeitherTrueNorFalseChangesNothing() async throws {
        try await APIFixture.with { api in
            let made = try await create(api, #"{"name":"a","application":"services","group":"/"}"#)
            for word in ["1", "True", "yes", ""] {
                let reply = try await api.client.send(.DELETE, path(made) + "?dryRun=\(word)")
                #expect(reply.status == 400 && reply.problem?.errors?.first?.field == "dryRun", "\(word)")
                #expect(try await api.client.send(.PATCH, path(made) + "?dryRun=\(word)", json: #"{"name":"b"}"#).status == 400)
            }
            let entry: PolicyEntry = try await api.client.get(path(made)).value()
            #expect(entry == made)
        }
    }

    @Test func applicationsSayWhatCanBeSet() async throws {
        try await APIFixture.with { api in
            let applications: Page<ApplicationEntry> = try await api.client.get(APIPath.applications).value()
            #expect(
                applications.items.map(\.id) == [
                    "network-agent", "services", "apt", "clamav", "scripts", "device", "device-status",
                ])
            let interval = applications.items.first?.settings.first
            #expect(interval?.type == "duration" && interval?.allowed == "1m…1d" && interval?.standard == .text("15m"))
        }
    }
}
