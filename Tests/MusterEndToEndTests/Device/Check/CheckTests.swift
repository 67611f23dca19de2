import Foundation
import MusterModel
import MusterTestKit
import NIOCore
import NIOPosix
import Testing

/// What `muster-agent check --output json` said.
struct CheckOutcome {
    let status: Int32
    let report: [String: Any]

    init(_ result: CommandResult) throws {
        status = result.status
        report = try result.object()
    }

    var findings: [[String: Any]] { report["findings"] as? [[String: Any]] ?? [] }

    /// `ok tcp connected`.
    var transcript: [String] {
        findings.map { "\($0.text("verdict") ?? "") \($0.text("step") ?? "") \($0.text("code") ?? "")" }
    }

    /// All is well but, where other agents of this machine listen for connection requests, the port, which one of them has.
    var isWell: Bool { status == 0 || (status == 19 && finding("udp").text("verdict") == "failed") }

    func finding(_ step: String) -> [String: Any] { findings.first { $0.text("step") == step } ?? [:] }
}

extension TestAgent {
    func check(_ arguments: String...) async throws -> CheckOutcome {
        try CheckOutcome(try await command(["check", "--output", "json"] + arguments))
    }
}

/// `muster-agent check` where an agent is: running, stopped, with a damaged state.
@Suite(.fewAtATime)
struct CheckTests {
    @Test func aRunningAgentWalksAllOfItAndSynchronizes() async throws {
        let site = try await Site()
        let before = try await site.server.device(site.device).text("lastSynchronization")
        let outcome = try await site.agent.check()
        #expect(outcome.isWell, "\(outcome.report)")
        #expect(
            outcome.transcript.prefix(8) == [
                "ok state running", "ok name address", "ok tcp connected", "ok tls secured", "ok server-key trusted",
                "ok authorization served", "ok clock right", "ok synchronization synchronized",
            ])
        #expect(outcome.report.text("device") == site.device)
        #expect(outcome.finding("server-key").text("shown") == (try await site.server.makeToken().pins.first))
        #expect(outcome.report.object("link").text("lastSynchronization") != nil)
        #expect(try await site.server.device(site.device).text("lastSynchronization") != before)
        let text = try await site.agent.command("check").output
        for word in ["The agent synchronized last at", "server-key", "synchronization", site.server.place] {
            #expect(text.contains(word), "\(word) in \(text)")
        }
    }

    @Test func aRunningAgentSaysHowItHasFailed() async throws {
        let site = try await Site()
        try await site.server.stop()
        _ = try await site.agent.command("sync")
        let outcome = try await site.agent.check()
        #expect(outcome.status == 13 && outcome.report.text("failed") == "tcp", "\(outcome.report)")
        #expect(outcome.finding("tcp").text("code") == "unreachable" && outcome.finding("tcp").text("advice") != nil)
        let error = outcome.report.object("link").object("lastError")
        #expect(error.text("reason") == "unreachable" && error.text("nextTry") != nil)
        let result = try await site.agent.command("check")
        #expect(result.status == 13)
        for word in [
            "connection.attempt.failed", "server=\(site.server.place)", "connection.failed", "attempt=1", "next=",
            "Connection refused",
        ] { #expect(site.agent.log.contains(word), "\(word) in the log") }
        for word in ["failed to connect since", "next try", "Connection refused", "Failed: tcp (exit code 13)."] {
            #expect(result.output.contains(word), "\(word) in \(result.output)")
        }
    }

    /// The check asks beside the session that is open, which goes on.
    @Test func besideAPermanentConnection() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await eventually("the connection stays", state: { site.agent.log }) {
            try await site.agent.status().object("connection").text("server") == site.server.place
        }
        let since = try await site.agent.status().object("connection").text("since")
        let outcome = try await site.agent.check()
        #expect(outcome.isWell, "\(outcome.report)")
        #expect(outcome.report.object("link").object("connection").text("since") == since)
        #expect(try await site.agent.status().object("connection").text("since") == since, "the same connection")
        #expect(try await site.server.closes("replaced") == 0)
    }

    /// The probe leaves no trace at the server.
    @Test func withoutAnAgentItProbes() async throws {
        let site = try await Site()
        try await site.agent.stop()
        let before = try await site.server.device(site.device)
        let outcome = try await site.agent.check()
        #expect(outcome.status == 18)
        #expect(
            outcome.transcript.prefix(8).suffix(4) == [
                "ok server-key trusted", "ok authorization served", "ok clock right", "failed synchronization notRunning",
            ])
        let after = try await site.server.device(site.device)
        #expect(after.text("lastConnection") == before.text("lastConnection") && before.text("lastConnection") != nil)
        #expect(outcome.finding("synchronization").text("advice")?.contains("muster-agent run") == true)
        try await site.agent.start()
        try await site.agent.sync()
    }

    @Test func besideAnAgentThatDoesNotAnswerItProbes() async throws {
        let site = try await Site()
        let pid = try #require(site.agent.pid)
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        let outcome = try await site.agent.check()
        #expect(outcome.status == 18, "\(outcome.report)")
        #expect(
            outcome.transcript == [
                "ok state silent", "ok name address", "ok tcp connected", "ok tls secured", "ok server-key trusted",
                "ok authorization served", "ok clock right", "failed synchronization silent", "not-tried udp silent",
                "not-tried udp noNotice",
            ])
        #expect(outcome.finding("synchronization").text("text") == "the agent does not answer")
        #expect(outcome.finding("synchronization").text("advice")?.contains("systemctl restart muster-agent") == true)
        kill(pid, SIGCONT)
        try await site.agent.sync()
    }

    @Test(arguments: [true, false])
    func aDeletedDevice(isRunning: Bool) async throws {
        let site = try await Site()
        if !isRunning { try await site.agent.stop() }
        try await site.server.muster("devices", "delete", site.device).succeeded()
        let outcome = try await site.agent.check()
        #expect(outcome.status == 16, "\(outcome.report)")
        #expect(outcome.finding("authorization").text("code") == "deviceDeleted")
        #expect(outcome.finding("authorization").text("advice")?.contains("enrol") == true)
        #expect(outcome.finding("synchronization").text("verdict") == "not-tried")
    }

    @Test func aClockThatIsADayOff() async throws {
        let server = try await TestServer()
        try await server.start()
        let clock = ["LD_PRELOAD": "\(ProgramPath.directory)/libMusterShiftedClock.so", "MUSTER_CLOCK_OFFSET": "-86400"]
        let agent = try TestAgent(server: server, environment: clock)
        try await agent.enrol()
        try await agent.start()
        let outcome = try await agent.check()
        #expect(outcome.status == 17, "\(outcome.report)")
        #expect(outcome.finding("clock").text("text")?.contains("behind the server's") == true)
        #expect(outcome.finding("synchronization").text("verdict") == "ok", "connections work all the same")
    }

    @Test func aDamagedStateOfWhichEnoughCanBeRead() async throws {
        let site = try await Site()
        try await site.agent.stop()
        let file = "\(site.agent.stateDirectory)/agent.db"
        try await runProgram("/usr/bin/python3", ["-c", Self.dropTheSpool, file]).succeeded()
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let outcome = try await site.agent.check()
        #expect(outcome.status == 10, "\(outcome.report)")
        #expect(outcome.finding("state").text("text")?.contains(file) == true)
        #expect(outcome.finding("authorization").text("verdict") == "ok", "\(outcome.transcript)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before, "nothing was changed")
    }

    private static let dropTheSpool = """
        import sqlite3, sys
        database = sqlite3.connect(sys.argv[1])
        database.execute("DROP TABLE spool_state")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        """

    @Test(arguments: Damage.allCases.filter { $0 != .missing })
    func aDamagedState(_ damage: Damage) async throws {
        let site = try await Site()
        try await site.agent.stop()
        let file = "\(site.agent.stateDirectory)/agent.db"
        try damage.strike(file)
        let outcome = try await site.agent.check()
        #expect(outcome.status == 10, "\(outcome.report)")
        let state = outcome.finding("state")
        #expect(state.text("code") == "stateDamaged" && state.text("text")?.contains(file) == true, "\(state)")
        // What was given can be checked all the same.
        let pins = try await site.server.makeToken().pins
        let given = try await site.agent.check("--server", site.server.place, "--pin", pins[0])
        #expect(given.status == 0 && given.finding("server-key").text("verdict") == "ok", "\(given.report)")
    }

    @Test func theExitCodesAreTheReadmes() async throws {
        let rows = try MarkdownFile("README.md").rows(under: "When a device does not connect")
        let help = try await runProgram("muster-agent", ["check", "--help"]).succeeded().output
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(rows.count == 10)
        for row in rows { #expect(words.contains("\(row[0]) \(row[1])"), "\(row)") }
    }
}
