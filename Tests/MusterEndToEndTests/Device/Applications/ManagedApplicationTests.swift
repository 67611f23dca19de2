import Foundation
import MusterTestKit
import Testing

/// The managed applications of a device, and what its owner forbids, through the real programs.
@Suite(.fewAtATime)
struct ManagedApplicationTests {
    private func application(_ name: String, _ agent: TestAgent) async throws -> [String: Any] {
        let all = try await agent.status()["managedApplications"] as? [[String: Any]] ?? []
        return all.first { $0.text("application") == name } ?? [:]
    }

    @Test func theStatusShowsEach() async throws {
        let site = try await Site()
        try await eventually("the agent's settings are in force", state: { "\(try await site.agent.status())" }) {
            // Other agents of these tests have the UDP port.
            let agent = try await application("network-agent", site.agent)
            return agent.text("settings") == "applied" || agent.text("code") == "udpPortNotBound"
        }
        let agent = try await application("network-agent", site.agent)
        #expect(agent.text("state") == "running" && agent.text("version")?.isEmpty == false)
        // Where these tests run there is systemd, or there is not.
        #expect(["running", "not-installed"].contains(try await application("services", site.agent).text("state")))
        let table = try await site.agent.command("status").succeeded().output
        #expect(table.contains("Network Agent:") && table.contains("Services:"), "\(table)")
    }

    @Test func tenSynchronizationsOfAnIdleDeviceMoveNoDocument() async throws {
        let site = try await Site()
        try await site.withoutConnectionRequests()
        try await eventually("nothing moves any more", state: { String(site.agent.log.suffix(2000)) }) {
            try await site.agent.sync().output.contains("Documents sent: 0 (0 bytes), received: 0.")
        }
        // Packages that other tests change on this machine are no idle device's.
        let before = try await site.agent.status()["applications"] as? Int
        for _ in 0..<10 {
            let moved = try await site.agent.sync().output
            guard try await site.agent.status()["applications"] as? Int == before else { return }
            #expect(moved.contains("Documents sent: 0 (0 bytes), received: 0."), "\(moved)")
        }
        // What changed does.
        try await site.server.muster("policies", "set", "Without requests", "sync-interval=5m").succeeded()
        #expect(try await site.agent.sync().output.contains(" received: 1."))
    }

    @Test func whatTheOwnerForbidsIsNotSetAndShown() async throws {
        let site = try await Site()
        try site.agent.configure("agent.conf", #"{"forbid": {"settings": ["network-agent/sync-interval"]}}"#)
        try await eventually("the agent has read it") {
            try await application("network-agent", site.agent)["restricted"] as? [String] == ["sync-interval"]
        }
        try await site.server.muster("settings", "set", "sync-interval", "5m").succeeded()
        try await site.agent.sync()
        #expect(try await site.agent.status().number("syncIntervalSeconds") == 900)
        let table = try await site.agent.command("status").succeeded().output
        #expect(table.contains("forbids settings network-agent/sync-interval"), "\(table)")

        try FileManager.default.removeItem(atPath: site.agent.configDirectory + "/agent.conf")
        try await eventually("it is allowed, and in force", state: { "\(try await site.agent.status())" }) {
            try await site.agent.status().number("syncIntervalSeconds") == 300
        }
    }

    @Test func aCeilingThatCannotBeReadForbidsEverythingAndSaysSo() async throws {
        let site = try await Site()
        try site.agent.configure("agent.conf", #"{"forbid": {"settings": ["network-agent/firewal"]}}"#)
        try await eventually("the server is told") { try await site.events("ceiling-unreadable").count == 1 }
        #expect(try await application("services", site.agent)["restricted"] as? [String] == ["period", "watched"])
        #expect(try await site.agent.status().object("ceiling").text("fault")?.contains("firewal") == true)
        // Known across a restart.
        try await site.agent.stop()
        try await site.agent.start()
        try await site.agent.sync()
        #expect(try await site.events("ceiling-unreadable").count == 1)
        #expect(try await site.agent.command("status").output.contains("UNREADABLE"))
    }
}
