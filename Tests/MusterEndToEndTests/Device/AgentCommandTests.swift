import Foundation
import MusterTestKit
import Testing

/// `muster-agent run`, `sync` and `event`.
@Suite(.fewAtATime)
struct AgentCommandTests {
    @Test func syncSaysWhatMoved() async throws {
        let site = try await Site()
        let before = try await site.server.device(site.device).text("lastSynchronization")
        let result = try await site.agent.sync()
        for text in ["Synchronized in", "Documents sent:", "Events sent:", "Next synchronization:"] {
            #expect(result.output.contains(text), "\(result.output)")
        }
        #expect(try await site.server.device(site.device).text("lastSynchronization") != before)
    }

    @Test(arguments: ["sync", "event"])
    func withoutARunningAgentItSaysSo(command: String) async throws {
        let server = try await TestServer()
        try await server.start()
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        let arguments = command == "event" ? ["--type", "a", "--severity", "info", "--text", "b"] : []
        let result = try await agent.command([command] + arguments)
        #expect(result.status == 1)
        #expect(result.error.contains("muster-agent run"), "\(result.error)")
    }

    @Test func anEventArrivesAsItWasRaised() async throws {
        let site = try await Site()
        let raised = try await site.agent.event("backup-failed", "critical", "disk \"7\" is full\nreally")
        #expect(raised.output.contains("is stored"))
        let event = try await eventual("the event is stored") { try await site.events("backup-failed").first }
        #expect(event.text("severity") == "critical")
        #expect(event.text("text") == "disk \"7\" is full\nreally")
        let sequence = try #require(event.number("sequence"))
        #expect(raised.output.contains("Event \(sequence) is stored"))
    }

    @Test func anEventWaitsWhileTheServerIsAway() async throws {
        let site = try await Site()
        try await site.server.stop()
        try await site.agent.event("while-away", "warning", "first")
        try await site.agent.event("while-away", "warning", "second")
        #expect(try #require(try await site.agent.status().object("spool").number("events")) >= 2)
        try await site.server.start()
        try await site.agent.sync()
        #expect(try await site.events("while-away").texts("text") == ["first", "second"])
        try await eventually("nothing waits") { try await site.agent.status().object("spool").number("events") == 0 }
    }

    @Test(arguments: [
        (["--type", "Not A Type", "--severity", "info", "--text", "x"], "'Not A Type'", "a-z"),
        (["--type", "a", "--severity", "loud", "--text", "x"], "'loud'", "info, warning, error or critical"),
        (["--type", "a", "--severity", "info"], "--text", "--text"),
        (["--type", "a", "--severity", "info", "--text", String(repeating: "x", count: 2049)], "2049 bytes", "at most 2048"),
        (["--type", "a", "--severity", "info", "--text", String(repeating: "é", count: 50_000)], "100000 bytes", "at most 2048"),
    ])
    func aWrongEventIsRefused(arguments: [String], named: String, allowed: String) async throws {
        let files = try TemporaryDirectory()
        let result = try await runProgram("muster-agent", ["event", "--state-dir", files.path] + arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(named) && result.error.contains(allowed), "\(result.error)")
    }

    @Test func theLongestTextIsKeptWhole() async throws {
        let site = try await Site()
        let text = String(repeating: "x", count: 2048)
        try await site.agent.event("long", "info", text)
        #expect(try await eventual("it is stored") { try await site.events("long").first }.text("text") == text)
    }

    @Test func oneLineIsNoJSON() async throws {
        let files = try TemporaryDirectory()
        let result = try await runProgram(
            "muster-agent", ["status", "--brief", "--output", "json", "--state-dir", files.path])
        #expect(result.status == 64 && result.error.contains("--brief"), "\(result.error)")
    }

    @Test func twoAgentsOnOneDirectoryAreRefused() async throws {
        let site = try await Site()
        let second = try await site.agent.command("run")
        #expect(second.status == 1)
        #expect(second.error.contains(site.agent.stateDirectory), "\(second.error)")
        try await site.agent.sync()
    }

    @Test func startAndStopAreEvents() async throws {
        let site = try await Site()
        #expect(try await site.events("agent-started").count == 1)
        #expect(try await site.agent.stop() == 0)
        #expect(try await site.events("agent-stopped").count == 1, "sent before it ended")
        try await site.agent.start()
        try await eventually("the second start is stored") { try await site.events("agent-started").count == 2 }
        let all = try await site.server.musterJSON("events", "list", "--device", site.device)
        #expect(all.texts("type").filter { $0.hasPrefix("agent-") } == ["agent-started", "agent-stopped", "agent-started"])
    }
}
