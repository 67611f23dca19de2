import Foundation
import MusterTestKit
import Testing

/// `muster settings` and `muster server status`.
@Suite(.fewAtATime)
struct SettingsTests {
    @Test func theIntervalIsInForceAtTheNextConnection() async throws {
        let site = try await Site()
        try await site.withoutConnectionRequests()
        #expect(try await site.server.muster("settings", "get", "sync-interval").succeeded().output.contains("15m"))
        #expect(try await site.agent.status().number("syncIntervalSeconds") == 900)
        let set = try await site.server.muster("settings", "set", "sync-interval", "5m").succeeded()
        #expect(set.output.contains("5m"))
        // An event may have the agent connect of itself in between, and then it is told there.
        try await site.agent.sync()
        let status = try await site.agent.status()
        #expect(status.number("syncIntervalSeconds") == 300)
        #expect(try await site.agent.command("status").output.contains("5m"))
        try await site.agent.sync()
        let (last, next) = (
            try await site.agent.status().text("lastSynchronization"), try await site.agent.status().text("nextSynchronization")
        )
        #expect(try #require(time(next)) <= (try #require(time(last))).addingTimeInterval(300 * 1.11))
        let get = try await site.server.musterJSON("settings", "get", "sync-interval").first
        #expect(get?.number("syncIntervalSeconds") == 300)
    }

    @Test(arguments: [("30s", 1), ("25h", 1), ("5", 64), ("soon", 64)])
    func anIntervalThatIsNotAllowedChangesNothing(value: String, status: Int32) async throws {
        let server = try await TestServer()
        try await server.start()
        let refused = try await server.muster("settings", "set", "sync-interval", value)
        #expect(refused.status == status)
        #expect(refused.error.contains(status == 1 ? "1m…1d" : value), "\(refused.error)")
        #expect(try await server.musterJSON("settings", "get", "sync-interval").first?.number("syncIntervalSeconds") == 900)
    }

    @Test(arguments: ["1m", "24h"])
    func theEndsAreAllowed(value: String) async throws {
        let server = try await TestServer()
        try await server.start()
        try await server.muster("settings", "set", "sync-interval", value).succeeded()
        #expect(try await server.muster("settings", "get", "sync-interval").output.contains(value == "24h" ? "1d" : value))
        try await server.stop()
        try await server.start()
        #expect(try await server.muster("settings", "get", "sync-interval").output.contains(value == "24h" ? "1d" : value))
    }

    @Test func anUnknownSettingIsRefused() async throws {
        let server = try await TestServer()
        let refused = try await server.muster("settings", "get", "colour")
        #expect(refused.status == 64 && refused.error.contains("colour") && refused.error.contains("sync-interval"))
    }

    @Test func theServersStatusCountsWhatItDid() async throws {
        let site = try await Site()
        try await site.agent.event("counted", "info", "x")
        try await eventually("the event is stored") { try await site.events("counted").count == 1 }
        let status = try #require(try await site.server.musterJSON("server", "status").first)
        #expect(status.text("version")?.isEmpty == false && time(status.text("started")) != nil)
        #expect(status.number("devices") == 1 && status.number("enrolments") == 1)
        #expect(try #require(status.number("sessions")) >= 2)
        #expect(try #require(status.number("eventsStored")) >= 2)
        #expect(try #require(status.number("installedItems")) > 100)
        #expect(status.object("database").text("kind") == "sqlite")
        #expect(status["pins"] as? [String] == (try await site.server.makeToken().pins))
        #expect(try #require(status.object("closes").number("done")) >= 1)
        #expect(status.object("closes").number("enrolled") == 1)
        let table = try await site.server.muster("server", "status").succeeded().output
        for text in ["Closed: done", "Devices", "Server key fingerprint", "Sessions since the start"] {
            #expect(table.contains(text), "\(text) in \(table)")
        }
    }
}
