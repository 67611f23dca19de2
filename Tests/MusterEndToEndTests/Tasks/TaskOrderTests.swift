import Foundation
import MusterTestKit
import Testing

/// Tasks ordered at the server and run by a real agent, through the real programs.
@Suite(.fewAtATime)
struct TaskOrderTests {
    private let script = ["--application", "scripts", "--type", "run"]

    private func create(_ site: Site, _ name: String, _ text: String, _ more: String...) async throws {
        try await site.server.muster(
            ["tasks", "create", name] + script + ["--set", "text=\(text)", "--group", "/"] + more
        ).succeeded()
    }

    private func runs(_ site: Site, _ task: String) async throws -> [[String: Any]] {
        try await site.server.musterJSON("tasks", "runs", task)
    }

    @Test(arguments: DatabaseKind.allCases)
    func aScriptIsRunNowAndItsOutputRead(_ database: DatabaseKind) async throws {
        let site = try await Site(database: database)
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await create(site, "Hello", "#!/bin/sh\necho hello from $0\nexit 0\n")
        let result = try await site.server.muster("tasks", "run", "Hello", "--wait", "--timeout", "60s").succeeded()
        #expect(result.output.contains("succeeded"), "\(result.output)")
        let run = try #require(try await runs(site, "Hello").first)
        #expect(run.text("state") == "succeeded" && run.number("exitCode") == 0 && run.text("origin") == "order")
        let id = try #require(run.text("id"))
        try await eventually("the output has come") {
            try await site.server.muster("runs", "output", id).output.contains("hello from")
        }
        #expect(try await site.events("task-started").count == 1)
        #expect(try await site.events("task-finished").count == 1)
    }

    @Test func whatFailsIsSaidAndMakesTheStatusWorse() async throws {
        let site = try await Site()
        try await create(site, "Bad", "#!/bin/sh\necho it is broken >&2\nexit 3\n")
        let running = Task { try await site.server.muster("tasks", "run", "Bad", "--wait", "--timeout", "60s") }
        try await site.agent.sync()
        let result = try await running.value
        #expect(result.status == 4 && result.output.contains("exit code 3"), "\(result.output)")
        let status = try await site.server.device(site.device).object("status")
        #expect(status.text("level") == "warning", "\(status)")
        try await site.server.muster("tasks", "delete", "Bad").succeeded()
        try await eventually("its status is good again") {
            try await site.server.device(site.device).object("status").text("level") == "ok"
        }
    }

    /// The order, the server's end before the device was reached, and its start make one run.
    @Test func aServerThatIsKilledBetweenOrderAndDevice() async throws {
        let site = try await Site()
        let folder = try TemporaryDirectory()
        let marks = folder.file("marks")
        try await create(site, "Once", "#!/bin/sh\necho run >> \(marks)\n")
        try await site.agent.stop()
        let ordered = try await site.server.muster("tasks", "run", "Once")
        #expect(ordered.status == 0 && ordered.output.contains("waits for the device: agent stopped"), "\(ordered)")
        try await site.server.kill()
        try await site.server.start()
        try await site.agent.start()
        try await eventually("it was run") { try await runs(site, "Once").first?.text("state") == "succeeded" }
        try await site.agent.kill()
        try await site.agent.start()
        try await site.agent.sync()
        #expect(try String(contentsOfFile: marks, encoding: .utf8) == "run\n")
        #expect(try await runs(site, "Once").count == 1)
    }

    /// Killed again and again while orders go out: each is run once.
    @Test func aServerThatIsKilledWhileItSays() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        let folder = try TemporaryDirectory()
        let marks = folder.file("marks")
        for number in 0..<4 {
            try await create(site, "T\(number)", "#!/bin/sh\necho \(number) >> \(marks)\n")
            let ordering = Task { try await site.server.muster("tasks", "run", "T\(number)") }
            try await eventually("it is ordered") { try await !runs(site, "T\(number)").isEmpty }
            try await site.server.kill()
            _ = try await ordering.value
            try await site.server.start()
        }
        try await eventually("all were run") {
            try await site.server.musterJSON("runs", "list", "--state", "succeeded").count == 4
        }
        let lines = try String(contentsOfFile: marks, encoding: .utf8).split(separator: "\n").sorted()
        #expect(lines == ["0", "1", "2", "3"])
    }

    @Test func aRunIsStopped() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await create(site, "Long", "#!/bin/sh\nsleep 600\n")
        _ = try await site.server.muster("tasks", "run", "Long")
        try await eventually("it runs") { try await runs(site, "Long").first?.text("state") == "running" }
        let id = try #require(try await runs(site, "Long").first?.text("id"))
        try await site.server.muster("runs", "stop", id).succeeded()
        try await eventually("it was stopped") { try await runs(site, "Long").first?.text("state") == "stopped" }
    }

    /// A schedule is the device's own: it runs without the server, and what became of it is told later.
    @Test func aScheduleRunsWithoutTheServer() async throws {
        let site = try await Site()
        let folder = try TemporaryDirectory()
        let marks = folder.file("marks")
        try await create(site, "Start", "#!/bin/sh\necho start >> \(marks)\n", "--schedule", "agent-start")
        try await eventually("the device holds it") {
            try await site.agent.sync()
            return try await site.server.musterJSON("devices", "tasks", site.device).first?.text("state") == "waiting"
        }
        try await site.agent.stop()
        try await site.server.kill()
        try await site.agent.start()
        try await eventually("it ran") { FileManager.default.fileExists(atPath: marks) }
        try await site.server.start()
        try await eventually("the server knows of it") {
            try await runs(site, "Start").first?.text("state") == "succeeded"
        }
        #expect(try await runs(site, "Start").first?.text("origin") == "schedule")
    }
}
