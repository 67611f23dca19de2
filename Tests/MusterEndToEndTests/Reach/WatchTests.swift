import Foundation
import MusterTestKit
import Testing

/// `muster devices watch`, through the real programs.
@Suite(.fewAtATime)
struct WatchTests {
    @Test func aDeviceStaysConnectedAsLongAsSomebodyLooks() async throws {
        let site = try await Site()
        let files = try TemporaryDirectory()
        let output = files.file("watch.log")
        let watching = try RunningProgram(
            "muster", ["devices", "watch", site.device], environment: try site.server.environment(), log: output)
        try await eventually("what is known is shown") { RunningProgram.text(of: output).contains("Connected: no") }
        // Without a port for connection requests it comes at its next synchronization, and stays.
        try await site.agent.sync()
        try await eventually("it is shown as connected", within: .seconds(20), state: { RunningProgram.text(of: output) }) {
            RunningProgram.text(of: output).contains("Connected: yes")
        }
        try await eventually("statistics come while somebody looks", within: .seconds(20)) {
            RunningProgram.text(of: output).contains("network-agent memory-bytes: ")
        }
        try await site.agent.event("seen", "info", "seen at once")
        try await eventually("an event needs no new connection", within: .seconds(5)) { try await site.events("seen").count == 1 }
        #expect(try await site.server.muster("server", "status").output.contains("ticked 0 · connected 0 · limit 300"))
        try await watching.terminate()
        try await eventually("it is let go") { try await site.server.device(site.device)["connected"] as? Bool == false }
        #expect(try await site.server.closes("permanentConnectionEnded") == 1)
    }
}
