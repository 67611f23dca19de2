import Foundation
import MusterAPI
import MusterModel
import MusterTestKit
import Synchronization
import Testing

@testable import MusterServer

/// `muster policies` and `muster applications` against the real API.
struct PolicyCommandTests {
    private let standard = [
        "policies", "create", "Standard", "--application", "network-agent", "--group", "/", "--set", "sync-interval=5m",
        "--set", "firewall=on", "--lock", "sync-interval",
    ]

    private func settings(_ policy: [String: Any]) -> [String: [String: Any]] {
        policy["settings"] as? [String: [String: Any]] ?? [:]
    }

    @Test func aPolicyIsMadeListedShownAndDeleted() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            #expect(try await muster("policies", "list").error.contains("There is no policy."))
            let made = try await muster.run(standard + ["--output", "json"]).succeeded().object()
            let id = try #require(made["id"] as? String)
            #expect(made["active"] as? Bool == true && made["revision"] as? Int == 1)
            #expect(settings(made)["sync-interval"]?["value"] as? String == "5m")
            #expect(settings(made)["sync-interval"]?["locked"] as? Bool == true)
            #expect(
                settings(made)["firewall"]?["value"] as? Bool == true && settings(made)["firewall"]?["locked"] as? Bool == false)
            for reference in ["Standard", id, String(id.prefix(8))] {
                let shown = try await muster("policies", "show", reference).succeeded().output
                #expect(shown.contains(/policy +sync-interval +5m +locked/), "\(shown)")
            }
            let list = try await muster("policies", "list", "--application", "network-agent", "--group", "/").succeeded().output
            #expect(list.contains(id) && list.contains("APPLICATION"))
            #expect(try await muster("policies", "list", "--application", "services").error.contains("no such policy"))
            #expect(try await muster("policies", "delete", "Standard").succeeded().output.contains(id))
            let gone = try await muster("policies", "show", "Standard")
            #expect(gone.status == 1 && gone.error.contains("muster policies list"), "\(gone.error)")
        }
    }

    @Test func whatIsWrongIsSaidInTheWordsThatWereTyped() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster.run(standard).succeeded()
            func refusal(_ arguments: String...) async throws -> String {
                let result = try await muster.run(arguments)
                #expect(result.status == 1, "\(arguments): \(result.output)")
                return result.error
            }
            let value = try await refusal("policies", "set", "Standard", "sync-interval=1s")
            #expect(value.contains("  sync-interval: '1s' is not allowed") && value.contains("1m…1d"), "\(value)")
            let key = try await refusal("policies", "set", "Standard", "sync-intervall=5m")
            #expect(key.contains("sync-intervall") && key.contains("request-port"), "\(key)")
            let group = try await refusal("policies", "create", "N", "--application", "services", "--group", "/Nowhere")
            #expect(group.contains("--group: There is no group '/Nowhere'"), "\(group)")
            let application = try await refusal("policies", "create", "N", "--application", "servces", "--group", "/")
            #expect(application.contains("--application:") && application.contains("services"), "\(application)")
            let when = try await refusal("policies", "add-profile", "Standard", "night", "--when", "tag = web and statsu = ok")
            #expect(
                when.contains("--when: column 15") && when.contains("\n  tag = web and statsu = ok\n                ^"), "\(when)"
            )
            #expect(try await refusal("policies", "edit-profile", "Standard", "noon", "--disable").contains("no profile 'noon'"))
            #expect(try await refusal("policies", "restore", "Standard", "9").contains("<revision>"))
            let unchanged = try await muster("policies", "show", "Standard", "--output", "json").object()
            #expect(unchanged["revision"] as? Int == 1)
        }
    }

    @Test func valuesLocksAndProfilesAreChanged() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster.run(standard).succeeded()
            try await muster("policies", "set", "Standard", "sync-interval=10m", "request-port=15001").succeeded()
            try await muster("policies", "unlock", "Standard", "sync-interval").succeeded()
            try await muster("policies", "lock", "Standard", "firewall", "request-port").succeeded()
            try await muster("policies", "unset", "Standard", "firewall").succeeded()
            try await muster(
                "policies", "add-profile", "Standard", "night", "--when", "tag = night", "--set", "sync-interval=1h",
                "--set", "events-held=2000", "--lock", "sync-interval"
            ).succeeded()
            try await muster("policies", "add-profile", "Standard", "day", "--when", "tag = day", "--at", "1", "--disabled")
                .succeeded()
            try await muster("policies", "set", "Standard", "sync-interval=2h", "--profile", "night").succeeded()
            try await muster("policies", "unset", "Standard", "events-held", "--profile", "night").succeeded()
            try await muster("policies", "edit-profile", "Standard", "night", "--rename", "late", "--when", "tag = late")
                .succeeded()
            try await muster("policies", "rename", "Standard", "Usual").succeeded()
            let shown = try await muster("policies", "deactivate", "Usual").succeeded().output
            for line in [
                /Active +no/, /Profile 1 +day, when tag = day \(disabled\)/, /Profile 2 +late, when tag = late\n/,
                /policy +request-port +15001 +locked/, /policy +sync-interval +10m +-/,
                /profile late +sync-interval +2h +locked/,
            ] { #expect(shown.contains(line), "\(shown)") }
            #expect(!shown.contains("firewall") && !shown.contains("events-held"))
            #expect(try await muster("policies", "activate", "Usual").succeeded().output.contains(/Active +yes/))
            #expect(try await muster("policies", "remove-profile", "Usual", "day").succeeded().output.contains(/Profile 1 +late/))
        }
    }

    @Test func aSecretIsKeptThroughOtherChangesAndNeverShown() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster.run(standard).succeeded()
            let file = api.directory + "/secret"
            try "hunter2\n".write(toFile: file, atomically: true, encoding: .utf8)
            let typed = try await muster("policies", "set", "Standard", "proxy-password=hunter2")
            #expect(typed.status == 1 && typed.error.contains("--secret proxy-password=FILE"), "\(typed.error)")
            try await muster("policies", "set", "Standard", "--secret", "proxy-password=" + file).succeeded()
            try await muster(
                "policies", "add-profile", "Standard", "night", "--when", "tag = night", "--secret", "proxy-password=" + file
            ).succeeded()
            let locked = try await muster("policies", "lock", "Standard", "proxy-password").succeeded().output
            #expect(locked.contains(/policy +proxy-password +•••• +locked/), "\(locked)")
            let later = try await muster("policies", "set", "Standard", "sync-interval=2h", "--profile", "night").succeeded()
            #expect(later.output.contains(/profile night +proxy-password +••••/), "\(later.output)")
            let all = try await muster("policies", "list", "--output", "json").output
            #expect(all.contains(#"{"secret":true}"#) && !all.contains("hunter2"))
            let sealed = Array("hunter2".utf8.reversed())
            let policy = try #require(api.backend.administration.policies.values.first?.policy)
            #expect(policy.content.settings["proxy-password"]?.value == .secret(SecretValue(bytes: sealed)))
            #expect(policy.content.profiles.first?.settings["proxy-password"]?.value == .secret(SecretValue(bytes: sealed)))
        }
    }

    @Test func whoIsSlowerIsToldWhoWasFaster() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster.run(standard).succeeded()
            try await muster("policies", "set", "Standard", "request-port=15001", "--revision", "1").succeeded()
            let slower = try await muster("policies", "set", "Standard", "request-port=15002", "--revision", "1")
            #expect(slower.status == 1 && slower.error.contains("somebody changed it meanwhile"), "\(slower.error)")
            #expect(slower.error.contains("revision 2, ") && slower.error.contains("request-port"), "\(slower.error)")
            #expect(slower.error.contains("muster policies show"))
            let history = try await muster("policies", "history", "Standard").succeeded().output.split(separator: "\n")
            #expect(history.count == 3 && history[1].contains("request-port"), "\(history)")
            #expect(history[1].contains("  administrator ("), "by the token's name: \(history)")
            let restored = try await muster("policies", "restore", "Standard", "1").succeeded().output
            #expect(restored.contains(/Revision +3/) && !restored.contains("request-port"), "\(restored)")
        }
    }

    @Test func aDryRunSaysWhatItWouldDoAndDoesNothing() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster.run(standard).succeeded()
            api.backend.policies.withLock { $0.dryRun = PolicyDryRun(devices: 12, reachableNow: 10, bytes: 2048) }
            let said = try await muster("policies", "set", "Standard", "sync-interval=1h", "--dry-run").succeeded().output
            #expect(said.contains(/Devices whose settings change +12\n/) && said.contains("2.0 KiB"), "\(said)")
            #expect(try await muster("policies", "show", "Standard").output.contains(/sync-interval +5m/))
            for command in [["restore", "Standard", "1"], ["delete", "Standard"]] {
                let said = try await muster.run(["policies"] + command + ["--dry-run"]).succeeded().output
                #expect(said.contains(/Devices whose settings change +12\n/) && said.contains("a dry run"), "\(said)")
            }
            #expect(try await muster("policies", "show", "Standard").output.contains(/Revision +1\n/))
            let wrong = try await muster("policies", "set", "Standard", "sync-interval=1s", "--dry-run")
            #expect(wrong.status == 1 && wrong.error.contains("1m…1d"), "\(wrong.error)")
        }
    }

    @Test func twoOfOneNameAreToldApart() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            for application in ["network-agent", "services"] {
                try await muster("policies", "create", "Same", "--application", application, "--group", "/").succeeded()
            }
            let refused = try await muster("policies", "delete", "Same")
            #expect(refused.status == 1 && refused.error.contains("fits 2 policies"), "\(refused.error)")
            for text in ["Same, network-agent in /", "Same, services in /"] { #expect(refused.error.contains(text)) }
        }
    }

    @Test func applicationsSayWhatCanBeSet() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let list = try await muster("applications", "list", "--output", "json").objects()
            #expect(list.compactMap { $0["id"] as? String } == ApplicationManifest.builtIn.map(\.id.description))
            #expect(try await muster("applications", "show", "services").succeeded().output.contains("systemd unit"))
            let unknown = try await muster("applications", "show", "servces")
            #expect(unknown.status == 1 && unknown.error.contains("network-agent, services"), "\(unknown.error)")
            let scripts = try await muster("policies", "create", "S", "--application", "scripts", "--group", "/")
            #expect(scripts.status == 1 && scripts.error.contains("no such application with settings"), "\(scripts.error)")
        }
    }
}
