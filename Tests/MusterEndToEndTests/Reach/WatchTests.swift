import Foundation
import MusterTestKit
import Testing

/// `muster devices watch`, through the real programs.
@Suite(.fewAtATime)
struct WatchTests {
    private func watch(_ site: Site, _ files: TemporaryDirectory) throws -> RunningProgram {
        try RunningProgram(
            "muster", ["devices", "watch", site.device], environment: try site.server.environment(), log: files.file("watch.log"))
    }

    @Test func ofADeviceThatIsAwayItSaysWhyAndGoesOn() async throws {
        let (site, files) = (try await Site(), try TemporaryDirectory())
        try await site.agent.stop()
        let watching = try watch(site, files)
        try await eventually("how it stands is shown", state: { watching.log }) {
            watching.log.contains("Connected: no: agent stopped since 20") && watching.log.contains("; last connection 20")
                && watching.log.contains("; waiting until it connects")
        }
        try await site.agent.start()
        try await eventually("it is there", state: { watching.log }) {
            watching.log.contains("Connected: yes")
        }
    }

    @Test func itGoesOnWhenTheServerWasKilled() async throws {
        let (site, files) = (try await Site(), try TemporaryDirectory())
        let watching = try watch(site, files)
        try await eventually("what is known is shown", state: { watching.log }) {
            watching.log.contains("Connected: no: on schedule")
        }
        try await site.server.kill()
        try await eventually("it is away", state: { watching.log }) { watching.log.contains("The server is away: ") }
        try await site.server.start()
        try await eventually("it is back", state: { watching.log }) {
            watching.log.contains("The server is back.")
        }
        try await site.agent.sync()
        try await eventually("it goes on", state: { watching.log }) {
            watching.log.contains("Connected: yes")
        }
        #expect(watching.log.split(separator: "\n").count { $0.contains("The server is away: ") } == 1, "\(watching.log)")
    }

    @Test func aDeviceStaysConnectedAsLongAsSomebodyLooks() async throws {
        let site = try await Site()
        let files = try TemporaryDirectory()
        let output = files.file("watch.log")
        let watching = try RunningProgram(
            "muster", ["devices", "watch", site.device], environment: try site.server.environment(), log: output)
        try await eventually("what is known is shown") { RunningProgram.text(of: output).contains("Connected: no") }
        // Without a port for connection requests it comes at its next synchronization, and stays.
        try await site.agent.sync()
        try await eventually("it is shown as connected", state: { RunningProgram.text(of: output) }) {
            RunningProgram.text(of: output).contains("Connected: yes")
        }
        try await eventually("statistics come while somebody looks") {
            RunningProgram.text(of: output).contains("network-agent memory-bytes: ")
        }
        try await site.agent.event("seen", "info", "seen at once")
        try await eventually("an event needs no new connection") { try await site.events("seen").count == 1 }
        #expect(try await site.server.muster("server", "status").output.contains("ticked 0 · connected 0 · limit 300"))
        try await watching.terminate()
        try await eventually("it is let go") { try await site.server.device(site.device)["connected"] as? Bool == false }
        #expect(try await site.server.closes("permanentConnectionEnded") == 1)
    }
}
