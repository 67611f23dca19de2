import Foundation
import MusterTestKit
import Testing

/// `muster devices sync`: a synchronization the administrator starts, through the real programs.
@Suite(.fewAtATime)
struct ActionTests {
    private func permanentSite(_ database: DatabaseKind = .sqlite) async throws -> Site {
        let site = try await Site(database: database)
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await eventually("the permanent connection is in force") {
            try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
        }
        return site
    }

    private func actions(_ site: Site, _ order: String) async throws -> [[String: Any]] {
        try await site.server.musterJSON("actions", "show", order)
    }

    /// The id that is said first.
    private func order(_ result: CommandResult) throws -> String {
        let words = result.output.split(separator: " ")
        return try #require(words.first == "Action" && words.count > 1 ? String(words[1]) : nil, "\(result)")
    }

    @Test(arguments: DatabaseKind.allCases)
    func overThePermanentConnection(_ database: DatabaseKind) async throws {
        let site = try await permanentSite(database)
        let before = try await site.server.device(site.device).text("lastSynchronization")
        let result = try await site.server.muster("devices", "sync", site.device, "--wait").succeeded()
        #expect(result.output.contains("done, state and statistics of 20"), "\(result.output)")
        #expect(result.output.contains("sent over the open connection"), "also when it is done between two looks")
        let action = try #require(try await actions(site, try order(result)).first)
        #expect(action.text("progress") == "done" && action.text("route") == "connection")
        #expect(action.text("accepted") != nil && action.text("sent") != nil)
        try await eventually("it was a synchronization") {
            try await site.server.device(site.device).text("lastSynchronization") != before
        }
        #expect(site.agent.log.contains("synchronized"))
    }

    @Test func aDeviceThatCannotBeReachedDoesItAtItsNextSynchronization() async throws {
        let site = try await Site()
        try await site.agent.stop()
        let result = try await site.server.muster("devices", "sync", site.device)
        #expect(result.status == 0 && result.output.contains("waits for the device: agent stopped"), "\(result)")
        let order = try order(result)
        #expect(result.output.hasSuffix("Not done yet: 1 of 1. To follow it: muster actions show \(order)\n"), "\(result)")
        #expect(try await actions(site, String(order.prefix(8))).first?.text("progress") == "pending")
        // It is one however often it is asked for.
        _ = try await site.server.muster("devices", "sync", site.device)
        try await site.agent.start()
        try await eventually("it was done") { try await actions(site, order).first?.text("progress") == "done" }
        #expect(try await actions(site, order).first?.text("route") == "synchronization")
    }

    @Test func afterARestartOfTheServerItIsSaidAgain() async throws {
        let site = try await Site()
        try await site.agent.stop()
        let order = try order(try await site.server.muster("devices", "sync", site.device))
        try await site.server.kill()
        try await site.server.start()
        try await site.agent.start()
        try await eventually("it was done") { try await actions(site, order).first?.text("progress") == "done" }
    }

    /// Waits for a device that is away, until the server is killed.
    private func waiting(_ site: Site, _ log: String, timeout: String) async throws -> RunningProgram {
        try await site.agent.stop()
        let program = try RunningProgram(
            "muster", ["devices", "sync", site.device, "--wait", "--timeout", timeout],
            environment: try site.server.environment(), log: log)
        try await eventually("it waits", state: { program.log }) { program.log.contains("waits for the device: agent stopped") }
        try await site.server.kill()
        return program
    }

    @Test func aServerThatIsKilledMeanwhileIsWaitedFor() async throws {
        let (site, files) = (try await Site(), try TemporaryDirectory())
        let program = try await waiting(site, files.file("sync.log"), timeout: "5m")
        try await eventually("it is said", state: { program.log }) { program.log.contains("The server is away: ") }
        try await site.server.start()
        try await site.agent.start()
        #expect(try await program.exitStatus() == 0, "\(program.log)")
        let lines = program.log.split(separator: "\n")
        #expect(lines.count { $0.contains("The server is away: ") } == 1 && lines.count { $0 == "The server is back." } == 1)
        #expect(lines.last?.contains("done, state and statistics of 20") == true, "\(program.log)")
    }

    @Test func aServerThatStaysAwayEndsItWithTheWayToLookAgain() async throws {
        let (site, files) = (try await Site(), try TemporaryDirectory())
        let program = try await waiting(site, files.file("sync.log"), timeout: "8s")
        #expect(try await program.exitStatus() == 3, "\(program.log)")
        #expect(program.log.contains("The server is away: ") && !program.log.contains("closed channel"))
        #expect(program.log.split(separator: "\n").last?.contains("To follow it: muster actions show ") == true, "\(program.log)")
    }

    @Test func whatWaitsExpiresAndCanBeCancelled() async throws {
        let site = try await Site()
        try await site.agent.stop()
        let short = try await site.server.muster("devices", "sync", site.device, "--wait", "--expires", "1s", "--timeout", "30s")
        #expect(short.status == 3 && short.output.contains("expired before the device came"), "\(short)")
        let order = try order(try await site.server.muster("devices", "sync", site.device))
        #expect(try await site.server.muster("actions", "cancel", order).succeeded().output.contains("cancelled"))
        try await site.agent.start()
        try await site.agent.sync()
        #expect(try await actions(site, order).first?.text("progress") == "cancelled")
    }

    @Test func manyAtOnceAndUnknownOnes() async throws {
        let site = try await permanentSite()
        let all = try await site.server.muster("devices", "sync", "--all", "--wait").succeeded()
        #expect(all.output.contains("done"))
        let none = try await site.server.muster("devices", "sync")
        #expect(none.status == 64 && none.error.contains("--all"))
        let unknown = try await site.server.muster("devices", "sync", "nobody")
        #expect(unknown.status == 1 && unknown.error.contains("nobody"))
        let order = try await site.server.muster("actions", "show", "00000000-0000-4000-8000-000000000000")
        #expect(order.status == 1)
    }
}
