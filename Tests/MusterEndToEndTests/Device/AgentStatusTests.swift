import Foundation
import MusterTestKit
import Testing

/// `muster-agent status`: all that is promised, for people and for programs.
@Suite(.fewAtATime)
struct AgentStatusTests {
    @Test func saysAllThatIsKnown() async throws {
        let site = try await Site()
        let status = try await site.agent.status()
        #expect(status["running"] as? Bool == true)
        #expect(status.text("device") == site.device)
        #expect(status["servers"] as? [String] == ["\(site.server.address):\(site.server.agentPort)"])
        #expect(status["pins"] as? [String] == (try await site.server.makeToken().pins))
        #expect(status.number("syncIntervalSeconds") == 900)
        let now = Date()
        let last = try #require(time(status.text("lastSynchronization")))
        let next = try #require(time(status.text("nextSynchronization")))
        #expect(last <= now && time(status.text("lastConnection")).map { $0 <= now } == true)
        #expect(next > last && next <= last.addingTimeInterval(900 * 1.11))
        let ends = try #require(time(status.text("certificateNotAfter")))
        #expect(ends > now)
        #expect(status["lastError"] == nil)
        let spool = status.object("spool")
        #expect(spool.number("dropped") == 0 && spool.text("epoch").map { UInt64($0) != nil } == true)
        #expect(try #require(spool.number("next")) > 1 && spool["events"] != nil && spool["bytes"] != nil)
    }

    /// To be compared with what the administrator sees on the server.
    @Test func showsTheServersCertificate() async throws {
        let site = try await Site()
        let shown = try await site.agent.status().object("serverCertificate")
        let file = "\(site.server.dataDirectory)/server.crt"
        let sum = try await runProgram("/usr/bin/sha256sum", [file]).succeeded()
        #expect(shown.text("fingerprint") == String(sum.output.prefix(64)))
        #expect(shown.text("pin") == (try await site.server.makeToken().pins.first))
        #expect(shown.text("subject")?.isEmpty == false)
        let (from, to) = (try #require(time(shown.text("notBefore"))), try #require(time(shown.text("notAfter"))))
        #expect(from < to)
    }

    @Test func isATableForPeople() async throws {
        let site = try await Site()
        let status = try await site.agent.status()
        let table = try await site.agent.command("status").succeeded().output
        let expected = [
            "running", site.device, "\(site.server.address):\(site.server.agentPort)", "15m",
            try #require(status.object("serverCertificate").text("subject")),
            try #require(status.object("serverCertificate").text("fingerprint")),
            try #require(status.text("lastSynchronization")), try #require(status.text("nextSynchronization")),
        ]
        for text in expected + (status["pins"] as? [String] ?? []) { #expect(table.contains(text), "\(text) in \(table)") }
    }

    @Test func saysWhyThereIsNoConnectionAndWhenTheNextTryIs() async throws {
        let site = try await Site()
        try await site.server.stop()
        let failed = try await site.agent.command("sync")
        #expect(failed.status == 1)
        #expect(failed.error.contains("unreachable"), "\(failed.error)")
        let error = try await site.agent.status().object("lastError")
        #expect(error.text("reason") == "unreachable" && error.text("text")?.isEmpty == false)
        #expect(try #require(error.number("attempts")) >= 1)
        let since = try #require(time(error.text("since")))
        #expect(try #require(time(error.text("nextTry"))) >= since)
        #expect(try await site.agent.command("status").output.contains("unreachable"))
        try await site.server.start()
        try await site.agent.sync()
        #expect(try await site.agent.status()["lastError"] == nil)
    }

    @Test func worksWithoutARunningAgent() async throws {
        let site = try await Site()
        #expect(try await site.agent.stop() == 0)
        let status = try await site.agent.status()
        #expect(status["running"] as? Bool == false)
        #expect(status.text("device") == site.device && status["lastSynchronization"] != nil)
        #expect(try await site.agent.command("status").output.contains("not running"))
    }

    @Test func beforeEnrolmentItSaysWhatToDo() async throws {
        let files = try TemporaryDirectory()
        for (command, status) in [("status", Int32(1)), ("run", 78)] {
            let result = try await runProgram("muster-agent", [command, "--state-dir", files.file("none")])
            #expect(result.status == status)
            #expect(result.error.contains("muster-agent enrol"), "\(result.error)")
        }
    }
}
