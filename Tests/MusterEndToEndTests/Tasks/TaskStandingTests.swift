import Foundation
import MusterTestKit
import Testing

/// What the server shows of a device's tasks, with a real agent.
@Suite(.fewAtATime)
struct TaskStandingTests {
    private func status(_ site: TaskSite) async throws -> [String: Any] {
        try await site.server.device(site.site.device).object("status")
    }

    private func reasons(_ site: TaskSite) async throws -> [String] {
        let reasons = try await status(site)["reasons"] as? [[String: Any]] ?? []
        return reasons.texts("code")
    }

    /// Also after a restart of the server, until the task succeeds or is gone.
    @Test func aTaskThatFailedMakesTheStatusWorse() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Bad", "exit 3")
        let result = try await site.server.muster("tasks", "run", "Bad", "--wait")
        #expect(result.status == 4 && result.output.contains("exit code 3"), "\(result)")
        #expect(try await reasons(site).contains("task-failed"))
        try await site.server.kill()
        try await site.server.start()
        #expect(try await reasons(site).contains("task-failed"))
        try await site.server.muster("tasks", "edit", "Bad", "--set", "text=exit 0").succeeded()
        try await site.server.muster("tasks", "run", "Bad", "--wait").succeeded()
        #expect(try await !reasons(site).contains("task-failed"))
    }

    @Test func howAScheduledTaskStandsIsKnownAfterARestartToo() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Nightly", options: "--group", "/", "--schedule", "daily 03:00")
        func standing() async throws -> String? {
            try await site.server.musterJSON("devices", "tasks", site.site.device).first?.text("state")
        }
        try await eventually("the device holds it") { try await standing() == "waiting" }
        try await site.server.kill()
        try await site.server.start()
        #expect(try await standing() == "waiting")
        try await site.server.muster("tasks", "delete", "Nightly").succeeded()
        #expect(try await standing() == nil)
    }

    /// The order waits at the server; what the task is to do is made anew from the database.
    @Test func anOrderOutlivesTheServer() async throws {
        let site = try await TaskSite(isPermanent: false)
        try await site.makeTask("Later")
        try await site.agent.stop()
        let ordered = try await site.server.muster("tasks", "run", "Later").succeeded()
        #expect(ordered.output.contains("waits for the device: agent stopped"), "\(ordered)")
        // What was ordered is run, not what the task has become.
        try await site.server.muster("tasks", "edit", "Later", "--set", "text=exit 9").succeeded()
        try await site.server.kill()
        try await site.server.start()
        try await site.agent.start()
        try await eventually("it was run") { try await site.runs("Later").first?.text("state") == "succeeded" }
        #expect(site.marks.count == 1)
    }

    @Test func aRunWhoseTimeIsUpIsNotBegun() async throws {
        let site = try await TaskSite(isPermanent: false)
        try await site.makeTask("Soon")
        try await site.agent.stop()
        let result = try await site.server.muster("tasks", "run", "Soon", "--expires", "1s", "--wait", "--timeout", "60s")
        #expect(result.status == 4 && result.output.contains("expired"), "\(result)")
        try await site.agent.start()
        try await site.agent.sync()
        #expect(site.marks.isEmpty)
    }
}
