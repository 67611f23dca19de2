import Foundation
import MusterTestKit
import Testing

/// From a fact on a device to the administrator's eyes, on each database.
@Suite(.fewAtATime)
struct MainWayTests {
    @Test(arguments: DatabaseKind.allCases)
    func fromADeviceToTheAdministratorAndThroughARestart(database: DatabaseKind) async throws {
        let site = try await Site(database: database)
        #expect(try await site.server.musterJSON("server", "status").first?.object("database").text("kind") == database.rawValue)
        let device = try await site.server.device(site.device)
        #expect(device.text("operatingSystem")?.isEmpty == false)
        #expect(try #require(device.number("installedCount")) > 0)
        try await site.agent.event("seen", "error", "before the restart")
        try await eventually("the event is stored") { try await site.events("seen").count == 1 }
        let found = try await site.server.musterJSON("installed", "find", "dpkg >= 0")
        #expect(found.texts("device") == [site.device])
        try await site.server.muster("settings", "set", "sync-interval", "7m").succeeded()

        #expect(try await site.server.stop() == 0)
        try await site.server.start()
        try await site.agent.event("seen", "error", "after the restart")
        try await site.agent.sync()
        #expect(try await site.events("seen").texts("text") == ["before the restart", "after the restart"])
        #expect(try await site.server.musterJSON("devices", "list").texts("id") == [site.device])
        #expect(try await site.agent.status().number("syncIntervalSeconds") == 420)
        let positions = try await site.server.musterJSON("events", "list").numbers("position")
        #expect(positions == positions.sorted() && Set(positions).count == positions.count)
    }

    @Test(.enabled("this test needs IPv6") { FileManager.default.fileExists(atPath: "/proc/net/if_inet6") })
    func overIPv6() async throws {
        let server = try await TestServer(address: "::1")
        try await server.start()
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        #expect(try await agent.status()["servers"] as? [String] == ["[::1]:\(server.agentPort)"])
        #expect(try await server.musterJSON("devices", "list").texts("address") == ["::1"])
    }

    @Test func aSecondSynchronizationMovesNothing() async throws {
        let site = try await Site()
        try await site.agent.sync()
        let result = try await eventual("a synchronization with nothing to move") { () -> CommandResult? in
            let result = try await site.agent.sync()
            return result.output.contains("Documents sent: 0 (0 bytes), received: 0.") ? result : nil
        }
        #expect(result.output.contains("Events sent: 0."))
    }

    /// Liveness and retention write beside it every 10 s and more, which on a slow machine are some; 100 synchronizations that asked once each
    /// would show.
    @Test func asksTheDatabaseNothingWhenNothingChanged() async throws {
        let site = try await Site()
        func calls() async throws -> Int {
            try await site.server.musterJSON("server", "status").first?.object("database").number("calls") ?? 0
        }
        try await site.agent.sync()
        let first = try await calls()
        let ofStatus = try await calls() - first
        let before = try await calls()
        for _ in 1...100 { try await site.agent.sync() }
        let after = try await calls()
        #expect(ofStatus > 0 && first > 0)
        #expect(after - before - ofStatus < 90, "\(after - before) calls, of which \(ofStatus) are the status's own")
    }
}
