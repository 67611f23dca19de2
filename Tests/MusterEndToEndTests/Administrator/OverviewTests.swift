import Foundation
import MusterTestKit
import Testing

/// Device status and the overview, through the real programs: the disk of this machine is what is full.
@Suite(.fewAtATime)
struct OverviewTests {
    private func overview(_ site: Site, _ arguments: String...) async throws -> [String: Any] {
        try await site.server.muster(["overview", "--output", "json"] + arguments).succeeded().object()
    }

    /// No UDP port that cannot be had is a reason for Warning, nor how the scanner of the machine is that the tests run on.
    private func quietSite() async throws -> Site {
        let site = try await Site()
        try await site.withoutConnectionRequests()
        let scanner = ["protection-stopped", "databases-outdated", "threat-found"].map { "device-status/\($0)=off" }
        try await site.server.muster(["devices", "set", site.device] + scanner).succeeded()
        try await eventually("the device is OK") { try await overview(site).object("status").number("ok") == 1 }
        return site
    }

    @Test func aConditionSetForAGroupIsSeenOnItsDevices() async throws {
        let site = try await quietSite()
        #expect(try await overview(site).number("devices") == 1)
        // After the device was enrolled: one that is new is neither better nor worse than it was.
        let since = Date.now.ISO8601Format().replacing("T", with: " ")
        // Less than all of it is free, whatever the machine.
        let made = try await site.server.muster(
            "policies", "create", "Strict", "--application", "device-status", "--group", "/", "--set", "disk-free-warning=100",
            "--set", "disk-free-critical=0")
        #expect(made.status == 0, "\(made.error)")
        try await eventually("the device is Warning") { try await overview(site).object("status").number("warning") == 1 }
        let reasons = try #require(try await overview(site)["reasons"] as? [[String: Any]])
        #expect(reasons.map { $0.text("code") } == ["disk-nearly-full"])
        #expect((reasons.first?["groups"] as? [[String: Any]])?.first?.text("name") == "/")
        let table = try await site.server.muster("overview", "--since", "1h")
        #expect(table.output.contains("Warning: the disk is nearly full: 1 device, 1 since then"), "\(table.output)")
        #expect(reasons.first?.number("recent") == 1)
        #expect(try await overview(site, "--since", since).object("changes").number("worse") == 1)
        // What the device said last outlives the server's process: it is no better because the server knows nothing yet.
        try await site.agent.stop()
        try await site.server.stop()
        try await site.server.start()
        #expect(try await overview(site).object("status").number("warning") == 1)
        #expect(try await overview(site, "--since", since).object("changes").number("worse") == 1)
        #expect(try await overview(site, "--since", "1s").object("changes").number("worse") == 0)
        try await site.agent.start()
        let gone = try await site.server.muster("policies", "deactivate", "Strict")
        #expect(gone.status == 0, "\(gone.error)")
        try await eventually("the device is OK") { try await overview(site).object("status").number("ok") == 1 }
    }

    @Test func aUnitThatIsNotThereIsNoneThatFailed() async throws {
        let site = try await quietSite()
        let made = try await site.server.muster(
            "policies", "create", "Units", "--application", "services", "--group", "/", "--set", "watched=muster-no-such.service")
        #expect(made.status == 0, "\(made.error)")
        try await site.agent.sync()
        #expect(try await overview(site).object("status").number("ok") == 1)
    }
}
