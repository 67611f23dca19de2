import Foundation
import MusterTestKit
import Testing

/// Runs on devices that are away, without a server, or in the middle of something else.
@Suite(.fewAtATime)
struct RunElsewhereTests {
    @Test func aScheduleIsKeptWithoutAServer() async throws {
        let server = try await TestServer()
        try await server.start()
        // By the device's clock it is five seconds before the time.
        let now = Date()
        let target = try #require(
            Calendar(identifier: .iso8601).date(bySetting: .second, value: 0, of: now.addingTimeInterval(7200)))
        let offset = Int(target.timeIntervalSince(now)) - 25
        let agent = try TestAgent(
            server: server,
            environment: [
                "LD_PRELOAD": "\(ProgramPath.directory)/libMusterShiftedClock.so", "MUSTER_CLOCK_OFFSET": "\(offset)",
            ])
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        let device = try await agent.deviceID
        let files = try TemporaryDirectory()
        let script = files.file("script")
        try "echo ran >>'\(files.file("ran"))'".write(toFile: script, atomically: true, encoding: .utf8)
        let format = DateFormatter()
        format.dateFormat = "HH:mm"
        try await server.muster(
            "tasks", "create", "Daily", "--application", "scripts", "--type", "run", "--set-file", "text=\(script)", "--group",
            "/",
            "--schedule", "daily \(format.string(from: target))"
        ).succeeded()
        try await agent.sync()
        let status = try await agent.status()
        let tasks = try #require(status["scheduledTasks"] as? [[String: Any]])
        #expect(tasks.texts("name") == ["Daily"] && tasks.first?.text("next") != nil, "\(tasks)")
        try await server.stop()
        try await eventually("it ran", state: { String(agent.log.suffix(2000)) }) {
            FileManager.default.fileExists(atPath: files.file("ran"))
        }
        try await server.start()
        try await agent.sync()
        let run = try await eventual("the server knows") {
            try await server.musterJSON("runs", "list").first { $0.text("state") == "succeeded" }
        }
        #expect(run.text("origin") == "schedule" && run.text("device") == device)
        #expect(try String(contentsOfFile: files.file("ran"), encoding: .utf8) == "ran\n", "once")
    }

    @Test func whatRunsAtTheAgentsStart() async throws {
        let site = try await TaskSite(isPermanent: false)
        try await site.makeTask("At start", options: "--group", "/", "--schedule", "agent-start")
        try await site.agent.sync()
        #expect(site.marks.isEmpty)
        for start in 1...2 {
            try await site.agent.stop()
            try await site.agent.start()
            try await eventually("it ran") { site.marks.count == start }
        }
        try await eventually("the server knows") {
            try await site.runs("At start").count { $0.text("state") == "succeeded" } == 2
        }
    }

    @Test func aDeviceThatIsAwayRunsWhenItComesAndNotWhenThatIsTooLate() async throws {
        let site = try await TaskSite(isPermanent: false)
        try await site.agent.stop()
        try await site.makeTask("Later")
        try await site.makeTask("Too late")
        try await site.server.muster("tasks", "run", "Later").succeeded()
        try await site.server.muster("tasks", "run", "Too late", "--expires", "1s").succeeded()
        try await eventually("its time is up") { try await site.runs("Too late").first?.text("state") == "expired" }
        try await site.agent.start()
        try await eventually("it ran") { try await site.runs("Later").first?.text("state") == "succeeded" }
        #expect(site.marks.count == 1)
    }

    @Test func itBeginsDuringAFirstSynchronizationThatTakesMinutes() async throws {
        let server = try await TestServer()
        try await server.start()
        let files = try TemporaryDirectory()
        // 140,000 packages with names that nothing compresses: 16 MB as a document, some 8 on the way.
        var generator = SeededGenerator(printedFor: "packages")
        var status = ""
        for _ in 0..<140_000 {
            let name = (0..<5).map { _ in String(UInt64.random(in: 0 ... .max, using: &generator), radix: 36) }.joined()
            status += "Package: p\(name)\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
        }
        try status.write(toFile: files.file("status"), atomically: true, encoding: .utf8)
        let relay = try await SlowRelay(to: server.place, bytesPerSecond: 20_000)
        let agent = try TestAgent(
            server: server,
            under: [
                "/usr/bin/unshare", "-m", "/bin/sh", "-c",
                "mount --bind \(files.file("status")) /var/lib/dpkg/status && exec \"$@\"", "sh",
            ])
        let (tokenFile, pins) = try await server.makeToken()
        try await agent.command(
            ["enrol", "--server", relay.place, "--token-file", tokenFile] + pins.flatMap { ["--pin", $0] }
        ).succeeded()
        try await agent.start()
        let device = try await agent.deviceID
        let script = files.file("script")
        try "echo ran >'\(files.file("ran"))'".write(toFile: script, atomically: true, encoding: .utf8)
        try await server.muster(
            "tasks", "create", "Now", "--application", "scripts", "--type", "run", "--set-file", "text=\(script)", "--device",
            device
        ).succeeded()
        try await eventually("the list is on its way", within: .seconds(600)) { relay.bytes > 100_000 }
        #expect(try await server.device(device).text("lastSynchronization") == nil)
        try await server.muster("tasks", "run", "Now").succeeded()
        try await eventually("it ran") { FileManager.default.fileExists(atPath: files.file("ran")) }
        #expect(try await server.device(device).text("lastSynchronization") == nil, "the synchronization is still under way")
        try await agent.kill()
    }
}
