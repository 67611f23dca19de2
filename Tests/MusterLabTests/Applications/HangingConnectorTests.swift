import MusterLabKit
import MusterTestKit
import Testing

/// A systemd that does not answer: the device stays in touch, and says so.
@Suite(.needsRoot, .oneAtATime)
struct HangingConnectorTests {
    @Test func aSystemdThatHangsHoldsUpNothingElse() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-04")
            try await managed.connectForGood()
            try await managed.createPolicy("Watch", of: "services", "watched=dbus.service", "period=5s")
            try await managed.application("it is watched") { $0.fact("unit/dbus.service") == "active" }
            let version = try #require(try await managed.application().text("version"))

            try managed.host.freezeSystemd()
            try await managed.application("the hang is told") { $0.problems == ["connector-failed systemdSilent"] }
            try await theRestGoesOn(managed)
            #expect(try await managed.application().problems == ["connector-failed systemdSilent"])
            #expect(try await managed.application().text("version") == version)

            try managed.host.thawSystemd()
            try await managed.application("it answers again") { $0.problems.isEmpty }
            #expect(try await managed.application().fact("unit/dbus.service") == "active")
            try await theAgentStartsWhereItHangs(managed)
            #expect(try await managed.application().text("version") == version)
        }
    }

    private func theRestGoesOn(_ managed: ManagedDevice) async throws {
        try await managed.device.sync()
        try await managed.device.event("by-hand", "still here")
        _ = try await managed.event("by-hand", count: 1)
        try await managed.createPolicy("Agent", of: "network-agent", "sync-interval=7m")
        try await managed.delivery("Agent", becomes: "applied")
        #expect(try await managed.device.status().number("syncIntervalSeconds") == 420)
        // What needs no answer of systemd's comes into force, too.
        try await managed.server.muster("policies", "set", "Watch", "period=6s").succeeded()
        try await managed.delivery("Watch", becomes: "applied")
        #expect(managed.settingsFile.contains("period = 6s\n"))
        #expect(try await managed.server.device(managed.id)["connected"] as? Bool == true)
    }

    private func theAgentStartsWhereItHangs(_ managed: ManagedDevice) async throws {
        try await managed.device.run("mv /usr/bin/systemctl /usr/bin/systemctl.real").succeeded()
        try managed.host.write("#!/bin/sh\nexec sleep infinity\n", to: "/usr/bin/systemctl", mode: 0o755)
        try await managed.device.run("systemctl.real restart muster-agent").succeeded()
        try await managed.device.waitForAgent()
        try await managed.device.sync()
        try await managed.server.muster("policies", "set", "Agent", "sync-interval=8m").succeeded()
        try await eventually("the new interval is in force") {
            try await managed.device.status().number("syncIntervalSeconds") == 480
        }
        try await managed.application("the hang is told") { $0.problems == ["connector-failed systemdSilent"] }
        try await managed.device.run("mv /usr/bin/systemctl.real /usr/bin/systemctl").succeeded()
        try await managed.application("it answers again") { $0.problems.isEmpty }
    }
}
