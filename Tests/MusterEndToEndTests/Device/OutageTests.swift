import Foundation
import MusterTestKit
import Testing

/// A server that is away for longer than a restart takes.
@Suite
struct OutageTests {
    /// The agent says so once it has lasted 30 s: this waits for that time to pass.
    @Test func failureAndRecoveryAreEvents() async throws {
        let site = try await Site()
        try await site.server.stop()
        let next = try await site.agent.status().object("spool").number("next")
        try await eventually("the agent raises an event", within: .seconds(90)) {
            _ = try await site.agent.command("sync")
            try await Task.sleep(for: .seconds(1))
            return try await site.agent.status().object("spool").number("next") != next
        }
        try await site.server.start()
        try await site.agent.sync()
        let recovered = try await eventual("the recovery is stored") {
            try await site.events("synchronization-recovered").first
        }
        let failed = try await site.events("synchronization-failed")
        #expect(failed.count == 1 && failed.texts("severity") == ["warning"])
        #expect(failed.first?.parameter("reason") as? String == "unreachable")
        #expect(recovered.parameter("reason") as? String == "unreachable")
        #expect(try #require(recovered.parameter("attempts") as? Int) > 2)
        #expect(try #require(recovered.parameter("duration") as? Double) >= 30)
    }

    @Test func aRestartOfTheServerIsNone() async throws {
        let site = try await Site()
        try await site.server.stop()
        _ = try await site.agent.command("sync")
        try await site.server.start()
        try await site.agent.sync()
        try await site.agent.sync()
        #expect(try await site.events("synchronization-failed").isEmpty)
        #expect(try await site.events("synchronization-recovered").isEmpty)
    }
}
