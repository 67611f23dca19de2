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
        try await eventually("an attempt failed when it had lasted 30 s") {
            let began = Date()
            _ = try await site.agent.command("sync")
            try await Task.sleep(for: .milliseconds(500))
            let since = time(try await site.agent.status().object("lastError").text("since"))
            return since.map { began.timeIntervalSince($0) > 31 } ?? false
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
