import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import MusterTrust
import Testing

/// The real `muster` against the real API.
struct CommandTests {
    @Test func helpNeedsNoServer() async throws {
        let muster = MusterCommand(home: "/nonexistent")
        for command in ["devices", "installed", "events", "enrolment-tokens", "api-tokens", "settings", "server"] {
            let help = try await muster(command, "--help")
            #expect(help.status == 0, "\(command)")
        }
        #expect(try await muster("devices", "list", "--colour").status == 64)
        #expect(try await muster("--version").output == ProductVersion.current + "\n")
        #expect(try await muster("installed", "find", "openssl <").status == 64)
        let noServer = try await muster("devices", "list")
        #expect(noServer.status == 1)
        #expect(noServer.error.contains("--server"))
    }

    @Test func devices() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            #expect(try await muster("devices", "list", "--output", "json").output == "[]\n")
            let id = try await api.device("alpha")
            _ = try await api.device("be\u{1b}[31mta")
            let list = try await muster("devices", "list", "--output", "json").objects()
            #expect(list.compactMap { $0["name"] as? String } == ["alpha", "be\u{1b}[31mta"])
            #expect(list.first?["id"] as? String == id.description)
            let table = try await muster("devices", "list").output
            #expect(table.contains("be\\u{1b}[31mta") && !table.contains("\u{1b}"))
            for reference in ["alpha", id.description, String(id.description.prefix(13))] {
                #expect(try await muster("devices", "show", reference, "--output", "json").object()["name"] as? String == "alpha")
            }
            #expect(try await muster("devices", "rename", "alpha", "omega").status == 0)
            #expect(try await muster("devices", "show", "alpha").error.contains("'alpha'"))
            #expect(try await muster("devices", "delete", "omega").status == 0)
            #expect(try await muster("devices", "list", "--output", "json").objects().count == 1)
        }
    }

    /// `muster … | head -1`: the reader has what it wanted.
    @Test func aReaderThatHasGoneIsNoError() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            let names = (0..<5000).map { "package-\($0)" }
            try await api.installed(
                id, names.map { .init(source: "dpkg", name: $0, version: "1", architecture: "all") })
            let (process, output, errors) = try MusterCommand(api).process(["installed", "list"])
            try process.run()
            try output.fileHandleForWriting.close()
            _ = try output.fileHandleForReading.read(upToCount: 1)
            try output.fileHandleForReading.close()
            let said = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(String(decoding: said, as: UTF8.self).isEmpty && process.terminationStatus == 128 + SIGPIPE)
        }
    }

    @Test func ambiguousNamesAreRefused() async throws {
        try await APIFixture.with { api in
            let ids = [try await api.device("twin"), try await api.device("twin")]
            let outcome = try await MusterCommand(api)("devices", "delete", "twin")
            #expect(outcome.status == 1)
            for id in ids { #expect(outcome.error.contains(id.description)) }
            #expect(api.backend.with { $0.deleted } == [])
        }
    }

    @Test func installedApplications() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let id = try await api.device("alpha")
            try await api.installed(
                id, (0..<1200).map { .init(source: "dpkg", name: "package-\($0)", version: "1.\($0)", architecture: "all") })
            try await api.installed(try await api.device("beta"), [.init(source: "dpkg", name: "openssl", version: "3.0.16-1")])
            let all = try await muster("installed", "list", "--output", "json", "--limit", "150").objects()
            #expect(all.count == 150)
            let found = try await muster("installed", "find", "openssl < 3.0.17", "--output", "json").objects()
            #expect(found.first?["deviceName"] as? String == "beta")
            #expect(Set(["name", "version", "architecture", "source"]).isSubset(of: (found.first ?? [:]).keys))
            #expect(try await muster("installed", "find", "openssl", "<", "3.0.15", "--output", "json").output == "[]\n")
        }
    }

    @Test func events() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let id = try await api.device("alpha")
            try await api.events(id, from: 1, (1...130).map { "event \($0)" })
            try await api.events(id, from: 131, ["bad"], severity: .error)
            func texts(_ arguments: String...) async throws -> [String] {
                let outcome =
                    switch arguments.count {
                    case 2: try await muster("events", "list", "--output", "json", arguments[0], arguments[1])
                    default: try await muster("events", "list", "--output", "json")
                    }
                #expect(outcome.status == 0, "\(outcome.error)")
                let objects = try outcome.objects()
                #expect(objects.compactMap { $0["position"] as? Int } == objects.compactMap { $0["position"] as? Int }.sorted())
                return objects.compactMap { $0["text"] as? String }
            }
            #expect(try await texts().count == 100)
            #expect(try await texts("--limit", "2") == ["event 130", "bad"])
            #expect(try await texts("--limit", "5000").count == 132)
            #expect(try await texts("--since", "2020-01-01").count == 132)
            #expect(try await texts("--severity", "error") == ["bad"])
            #expect(try await texts("--device", "alpha").last == "bad")
        }
    }

    @Test func tokens() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let created = try await muster(
                "enrolment-tokens", "create", "--name", "office", "--expires", "14d", "--uses", "5", "--output", "json"
            ).object()
            #expect(Set(["id", "token", "pins", "expires"]).isSubset(of: created.keys))
            #expect(created["expires"] as? String == (APIFixture.now + .days(14)).description)
            let id = try #require(created["id"] as? String)
            #expect(try await muster("enrolment-tokens", "revoke", id).status == 0)
            let list = try await muster("enrolment-tokens", "list", "--output", "json").objects()
            #expect(list.first?["revoked"] != nil)

            let viewer = try await muster("api-tokens", "create", "--name", "ci", "--role", "viewer", "--output", "json").object()
            let asViewer = try MusterCommand(api, token: try #require(viewer["token"] as? String))
            #expect(try await asViewer("devices", "list").status == 0)
            let refused = try await asViewer("settings", "set", "sync-interval", "5m")
            #expect(refused.status == 1)
            #expect(refused.error.contains("roleInsufficient"))
            #expect(try await muster("api-tokens", "revoke", try #require(viewer["id"] as? String)).status == 0)
            #expect(try await asViewer("devices", "list").error.contains("tokenRevoked"))
        }
    }

    @Test func settingsAndStatus() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            #expect(try await muster("settings", "set", "sync-interval", "5m").status == 0)
            let setting = try await muster("--output", "json", "settings", "get", "sync-interval").object()
            #expect(setting["syncIntervalSeconds"] as? Int == 300)
            let refused = try await muster("settings", "set", "sync-interval", "30s")
            #expect(refused.status == 1)
            #expect(refused.error.contains("sync-interval: ") && refused.error.contains("1m…1d"))
            api.backend.with { $0.facts.closes = [.handshakeRefusedByPeer: 3] }
            let status = try await muster("server", "status").output
            #expect(status.contains(/Closed: handshakeRefusedByPeer +3/))
        }
    }
}
