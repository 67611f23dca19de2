import Foundation
import MusterTestKit
import Testing

/// *Do not disconnect from the Administration Server*, through the real programs.
@Suite(.fewAtATime)
struct PermanentConnectionTests {
    private func state(_ site: Site) async throws -> String? {
        try await site.server.device(site.device).object("permanentConnection").text("state")
    }

    private func tick(_ site: Site, _ isOn: Bool = true) async throws {
        try await site.server.muster("devices", "permanent-connection", site.device, isOn ? "on" : "off").succeeded()
    }

    private func inForce(_ site: Site) async throws {
        try await eventually("the permanent connection is in force", state: { site.agent.log }) {
            try await state(site) == "inForce"
        }
    }

    /// A device whose box is ticked, and in force.
    private func permanentSite(settings: [String: Any] = [:]) async throws -> Site {
        let site = try await Site(settings: settings)
        try await tick(site)
        try await site.agent.sync()
        try await inForce(site)
        return site
    }

    @Test(arguments: DatabaseKind.allCases)
    func tickedWaitingInForceAndUnticked(_ database: DatabaseKind) async throws {
        let site = try await Site(database: database)
        #expect(try await state(site) == "off")
        try await tick(site)
        let shown = try await site.server.muster("devices", "show", site.device).succeeded().output
        #expect(shown.contains("Do not disconnect"))
        // The connection request may have been quicker than this look.
        let isWaiting = shown.contains("waiting for synchronization, expected 20")
        let now = try await state(site)
        #expect(isWaiting || now == "inForce", "\(shown)")
        try await site.agent.sync()
        try await inForce(site)
        let status = try await site.server.muster("server", "status").succeeded().output
        #expect(status.contains("ticked 1 · connected 1 · limit 300"))

        // Unticking acts at once, and the device comes again by its interval.
        try await tick(site, false)
        try await eventually("it is let go") { try await site.server.device(site.device)["connected"] as? Bool == false }
        try await eventually("it said why") { try await site.server.closes("permanentConnectionEnded") == 1 }
        #expect(try await state(site) == "off")
        let agent = try await site.agent.status()
        #expect(agent.text("lastError") == nil && time(agent.text("nextSynchronization")) ?? .distantPast > Date.now + 600)
        try await site.agent.sync()
    }

    @Test func theCommandFollowsUntilItIsInForce() async throws {
        let (site, files) = (try await Site(), try TemporaryDirectory())
        // Somebody looks, which keeps the device connected.
        let watching = try RunningProgram(
            "muster", ["devices", "watch", site.device], environment: try site.server.environment(),
            log: files.file("watch.log"))
        try await eventually("it is looked at") { watching.log.contains("Connected: no") }
        try await site.agent.sync()
        try await eventually("it is connected") { try await site.server.device(site.device)["connected"] as? Bool == true }
        let change = ["devices", "permanent-connection", site.device]
        #expect(try await site.server.muster(change + ["on"]).succeeded().output.contains("yes, in force"))
        // A device that is not there is not waited for.
        try await site.agent.stop()
        try await site.server.muster(change + ["off"]).succeeded()
        let waiting = try await site.server.muster(change + ["on"]).succeeded().output
        #expect(waiting.contains("yes, waiting for synchronization"), "\(waiting)")
    }

    @Test func whatChangesTravelsAtOnceBothWays() async throws {
        let site = try await permanentSite()
        let synchronizations = try await site.server.musterJSON("server", "status").first?.number("sessions")
        // Down: a setting is in force on the device without anyone asking.
        try await site.server.muster("settings", "set", "sync-interval", "7m").succeeded()
        try await eventually("the device has the new interval") {
            try await site.agent.status()["syncIntervalSeconds"] as? Double == 420
        }
        // Up: an event, over the same connection.
        try await site.agent.event("door-opened", "info", "the door was opened")
        try await eventually("the event is there") { try await site.events("door-opened").count == 1 }
        // A manual synchronization goes over it, too.
        let last = try await site.server.device(site.device).text("lastSynchronization")
        try await site.agent.sync()
        try await eventually("it counts") { try await site.server.device(site.device).text("lastSynchronization") != last }
        #expect(try await site.server.musterJSON("server", "status").first?.number("sessions") == synchronizations)
        #expect(try await state(site) == "inForce")
    }

    @Test func itSynchronizesByItselfWithinItsInterval() async throws {
        let site = try await permanentSite()
        try await site.server.muster("settings", "set", "sync-interval", "1m").succeeded()
        let last = try await eventual("the change was synchronized") { () -> String? in
            let agent = try await site.agent.status()
            return agent["syncIntervalSeconds"] as? Double == 60 ? agent.text("lastSynchronization") : nil
        }
        try await eventually("the next one came by itself") {
            try await site.agent.status().text("lastSynchronization") != last
        }
        #expect(try await state(site) == "inForce")
    }

    @Test func pastTheLimitNothingChangesButTheReasonIsSaid() async throws {
        let site = try await Site()
        try await site.server.muster("settings", "set", "permanent-connections.limit", "1").succeeded()
        try await tick(site)
        let other = try TestAgent(server: site.server)
        try await other.enrol()
        let id = try await other.deviceID
        let refused = try await site.server.muster("devices", "permanent-connection", id, "on")
        #expect(
            refused.status == 1 && refused.error.contains("the limit is 1")
                && refused.error.contains("permanent-connections.limit"))
        #expect(try await site.server.device(id).object("permanentConnection").text("state") == "off")
        #expect(try await site.server.events("permanent-connection-refused", of: id).count == 1)
        // Lowering it disconnects none.
        try await site.agent.sync()
        try await inForce(site)
        try await site.server.muster("settings", "set", "permanent-connections.limit", "0").succeeded()
        try await site.agent.event("still-here", "info", "still here")
        try await eventually("it is still connected") { try await site.events("still-here").count == 1 }
        #expect(try await site.server.muster("server", "status").output.contains("ticked 1 · connected 1 · limit 0"))
        // Deleting a device frees its place.
        try await site.server.muster("settings", "set", "permanent-connections.limit", "1").succeeded()
        try await site.server.muster("devices", "delete", site.device).succeeded()
        try await site.server.muster("devices", "permanent-connection", id, "on").succeeded()
    }

    @Test(arguments: ["SIGTERM", "SIGKILL"])
    func theServerComesBack(_ signal: String) async throws {
        let site = try await permanentSite()
        if signal == "SIGTERM" { try await site.server.stop() } else { try await site.server.kill() }
        try await site.agent.event("meanwhile", "info", "raised while nobody was there")
        try await site.server.start()
        try await inForce(site)
        #expect(try await site.events("meanwhile").count == 1)
    }

    /// At rest two and a half pings. While something is under way, as when another test changes packages on this machine, a session may be idle
    /// for 60 s at the server and 90 s at the agent.
    private let longestSilence = Duration.seconds(120)

    @Test func aDeviceThatFallsSilentIsFoundOut() async throws {
        let site = try await permanentSite(settings: ["ping-interval": "1s"])
        let pid = try #require(site.agent.pid)
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        try await eventually("the server notices", within: longestSilence) {
            try await site.server.device(site.device)["connected"] as? Bool == false
        }
        #expect(try await state(site) == "lost")
        #expect(try await site.server.closes("idleTimeout") == 1)
        kill(pid, SIGCONT)
        try await inForce(site)
    }

    @Test func aServerThatFallsSilentIsFoundOut() async throws {
        let site = try await permanentSite(settings: ["ping-interval": "1s"])
        site.server.signal(SIGSTOP)
        try await eventually("the agent notices", within: longestSilence) {
            try await site.agent.status().object("lastError").text("reason") == "idleTimeout"
        }
        site.server.signal(SIGCONT)
        try await inForce(site)
    }

    @Test func pingsKeepAQuietConnectionUp() async throws {
        let site = try await permanentSite(settings: ["ping-interval": "1s"])
        let sessions = try await site.server.musterJSON("server", "status").first?.number("sessions")
        try await Task.sleep(for: .seconds(6))
        #expect(try await state(site) == "inForce")
        #expect(try await site.server.musterJSON("server", "status").first?.number("sessions") == sessions)
    }
}
