import Foundation
import MusterTestKit
import Testing

/// The connector of `examples/connectors`, through the real programs.
@Suite(.fewAtATime)
struct ExternalConnectorTests {
    private let files: TemporaryDirectory
    private var root: String { files.file("root") }
    private var dropIn: String { root + "/etc/ssh/sshd_config.d/50-muster.conf" }

    /// A machine with an SSH server that takes everything but six attempts.
    init() throws {
        files = try TemporaryDirectory()
        for folder in ["etc/ssh/sshd_config.d", "usr/sbin", "run"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try add(
            "usr/sbin/sshd",
            "#!/bin/sh\nif grep -q 'MaxAuthTries 6' \"$3\"; then echo 'six is bad luck' >&2; exit 255; fi\n")
    }

    private func add(_ program: String, _ text: String) throws {
        let path = "\(root)/\(program)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try ProgramFile.write(text, to: path)
    }

    private func connector(version: String = "1.0") throws -> String {
        try RepositoryFile.text("examples/connectors/sshd")
            .replacingOccurrences(of: "ROOT = \"/\"", with: "ROOT = \"\(root)/\"")
            .replacingOccurrences(of: "\"version\": \"1.0\"", with: "\"version\": \"\(version)\"")
    }

    private func application(_ site: Site) async throws -> [String: Any] {
        let all = try await site.server.musterJSON("devices", "applications", site.device)
        return all.first { $0.text("application") == "sshd" } ?? [:]
    }

    /// As the agent shows it.
    private func standing(_ site: Site) async throws -> [String: Any] {
        let all = try await site.agent.status()["externalConnectors"] as? [[String: Any]] ?? []
        return all.first { $0.text("name") == "sshd" } ?? [:]
    }

    private func pid(_ site: Site) throws -> Int32? {
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = Int32(entry), let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
                continue
            }
            if String(decoding: line, as: UTF8.self).contains(site.agent.connectorDirectory + "/sshd") { return pid }
        }
        return nil
    }

    private func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test func itIsFoundAcceptedSetAndPutBack() async throws {
        let site = try await Site()
        try site.agent.install(connector: "sshd", try connector())
        try await eventually("its application is shown, not accepted", state: { String(site.agent.log.suffix(3000)) }) {
            try await site.agent.sync()
            let sshd = try await application(site)
            return sshd.text("manifest") == "not-accepted" && sshd.text("state") == "stopped"
        }
        try await eventually("an event says that it waits") { try await site.events("connector-manifest-new").count == 1 }
        let listed = try await site.server.muster("applications", "list").succeeded().output
        #expect(listed.contains("sshd") && listed.contains("not accepted: 1.0"), "\(listed)")
        let order = [
            "policies", "create", "SSH", "--application", "sshd", "--group", "/", "--set", "max-auth-tries=3", "--set",
            "login-grace-time=1m", "--lock", "max-auth-tries",
        ]
        let refused = try await site.server.muster(order)
        #expect(refused.status != 0 && refused.error.contains("not accepted"), "\(refused)")

        let shown = try await site.server.muster("applications", "show", "sshd").succeeded().output
        #expect(shown.contains("manifest 1.0") && shown.contains("password-authentication"), "\(shown)")
        try await site.server.muster("applications", "accept", "sshd").succeeded()
        try await site.server.muster(order).succeeded()
        try await eventually("it is in force", state: { "\(try await application(site))" }) {
            try await site.agent.sync()
            return try await application(site).text("delivery") == "applied"
        }
        #expect(text(dropIn).contains("MaxAuthTries 3\n") && text(dropIn).contains("LoginGraceTime 60\n"), "\(text(dropIn))")
        #expect(try await application(site).text("title") == "SSH server")

        // A locked value that is changed on the device.
        try Data("MaxAuthTries 20\nLoginGraceTime 60\n".utf8).write(to: URL(fileURLWithPath: dropIn))
        try await eventually("it is put back") {
            try await site.agent.sync()
            return text(dropIn).contains("MaxAuthTries 3\n")
        }
        try await eventually("an event says so") { try await site.events("setting-put-back").isEmpty == false }

        // What the application does not take.
        try await site.server.muster("policies", "set", "SSH", "max-auth-tries=6").succeeded()
        try await eventually("it is shown why", state: { "\(try await application(site))" }) {
            try await site.agent.sync()
            return try await application(site).text("text")?.contains("six is bad luck") == true
        }
        #expect(text(dropIn).contains("MaxAuthTries 3\n"), "the last good one is in force")
    }

    @Test func whatHappensToItIsTold() async throws {
        let site = try await Site()
        try site.agent.install(connector: "sshd", try connector())
        try await eventually("how it is was told") {
            try await site.agent.sync()
            return try await application(site).text("state") == "stopped"
        }
        try Data("1\n".utf8).write(to: URL(fileURLWithPath: root + "/run/sshd.pid"))
        try await eventually("its event is stored, though it is not accepted") {
            try await site.agent.sync()
            return try await site.events("sshd.running").count == 1
        }
        let before = try #require(try pid(site))
        #expect(kill(before, SIGKILL) == 0)
        try await eventually("it is started again") { try await standing(site).number("starts") == 2 }
        try await eventually("that is told") { try await site.events("connector-recovered").count == 1 }
        #expect(try await site.events("connector-failed").first?.parameter("reason") as? String == "it was ended by signal 9")
        #expect(try pid(site) != before)

        // One that does not answer any more: it is stopped as a debugger stops it.
        let hanging = try #require(try pid(site))
        #expect(kill(hanging, SIGSTOP) == 0)
        try await eventually("it is killed and started again") {
            try await site.agent.sync()
            return try await standing(site).number("starts") == 3
        }
        #expect(try await standing(site).number("starts") == 3)
        try await eventually("it runs") { try await standing(site)["running"] as? Bool == true }

        // A version that nobody has seen waits anew.
        try await site.server.muster("applications", "accept", "sshd/1.0").succeeded()
        try site.agent.install(connector: "sshd", try connector(version: "1.1"))
        try await eventually("it waits") {
            try await site.agent.sync()
            return try await application(site).text("manifest") == "not-accepted"
        }
        let listed = try await site.server.muster("applications", "list").succeeded().output
        #expect(listed.contains("not accepted: 1.1; accepted: 1.0"), "\(listed)")

        // It goes with the agent.
        let last = try #require(try pid(site))
        try await site.agent.stop()
        #expect(kill(last, 0) != 0)
    }

    /// With a stand-in for ssh-keygen that makes a key when it may.
    @Test func itsTasksRunWhenItIsAcceptedAndOutliveTheAgent() async throws {
        try add(
            "usr/bin/ssh-keygen",
            """
            #!/bin/sh
            until [ -e \(root)/may ]; do sleep 0.1; done
            echo key >"$7"; echo public >"$7.pub"
            """)
        let site = try await Site()
        try site.agent.install(connector: "sshd", try connector())
        try await eventually("its application is shown, not accepted", state: { String(site.agent.log.suffix(3000)) }) {
            try await site.agent.sync()
            return try await application(site).text("manifest") == "not-accepted"
        }
        let creating = [
            "tasks", "create", "Keys", "--application", "sshd", "--type", "renew-host-keys", "--group", "/", "--set",
            "types=rsa,ed25519",
        ]
        let refused = try await site.server.muster(creating)
        #expect(refused.status != 0 && refused.error.contains("not accepted"), "\(refused)")
        let shown = try await site.server.muster("applications", "show", "sshd/1.0").succeeded().output
        #expect(shown.contains("task renew-host-keys") && shown.contains("limited by the reach"), "\(shown)")
        try await site.server.muster("applications", "accept", "sshd").succeeded()
        try await site.server.muster(creating).succeeded()

        try await site.server.muster("tasks", "run", "Keys").succeeded()
        try await site.agent.sync()
        func run() async throws -> [String: Any] {
            try await site.server.musterJSON("runs", "list", "--task", "Keys").first ?? [:]
        }
        try await eventually("it runs", state: { "\(try await run())" }) { try await run().text("state") == "running" }
        // The agent goes, and comes back.
        try await site.agent.stop()
        try Data().write(to: URL(fileURLWithPath: root + "/may"))
        try await eventually("the keys are made") { text(root + "/etc/ssh/ssh_host_ed25519_key.pub") == "public\n" }
        try await site.agent.start()
        try await eventually("its result is stored", state: { "\(try await run())" }) {
            try await site.agent.sync()
            return try await run().text("state") == "succeeded"
        }
        #expect((try await run()["figures"] as? [String: Any])?.number("keysRenewed") == 2)
        let output = try await site.server.muster("runs", "output", try #require(try await run().text("id"))).succeeded().output
        #expect(output == "renewed the key of type rsa\nrenewed the key of type ed25519\n")
        #expect(try await site.events("sshd.host-keys-renewed").map { $0.text("severity") } == ["warning"])
        #expect(try await site.events("task-started").count == 1)
    }
}
