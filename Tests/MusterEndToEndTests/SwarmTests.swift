import Foundation
import MusterTestKit
import Testing

/// The real `muster-swarm` against the real server.
struct SwarmTests {
    private let files: TemporaryDirectory
    private let server: TestServer

    init() async throws {
        files = try TemporaryDirectory()
        server = try await TestServer(settings: ["enrolment-rate": 100])
        try await server.start()
    }

    private func arguments(_ command: String, _ more: [String]) async throws -> [String] {
        let (tokenFile, pins) = try await server.makeToken(uses: 100)
        let token = command == "run" ? ["--token-file", tokenFile] : []
        return [command, "--server", "\(server.address):\(server.agentPort)", "--state-dir", files.file("fleet")]
            + ["--output", "json"] + pins.flatMap { ["--pin", $0] } + token + more
    }

    private func swarm(_ command: String, _ more: String...) async throws -> CommandResult {
        try await runProgram("muster-swarm", arguments(command, more))
    }

    private let run = ["--sync-interval", "2", "--enrolments-per-second", "50", "--source-addresses", "3"]

    @Test func aFleetEnrolsSynchronizesAndRaisesEvents() async throws {
        let result = try await runProgram(
            "muster-swarm",
            arguments("run", run + ["--devices", "20", "--duration", "5", "--events-per-second", "10"]))
        let report = try result.succeeded().object()
        #expect(report["valid"] as? Bool == true)
        #expect(report["enrolledNow"] as? Int == 20)
        #expect(report["devicesSynchronized"] as? Int == 20)
        #expect(report["eventsRaised"] as? Int == report["eventsAcknowledged"] as? Int)
        let devices = try await server.musterJSON("devices", "list", "--limit", "1000")
        #expect(Set(devices.compactMap { $0["name"] as? String }) == Set((0..<20).map { "swarm-000\($0 < 10 ? "0" : "")\($0)" }))
        let device = try #require(devices.first?["id"] as? String)
        let installed = try await server.musterJSON("installed", "list", "--device", device, "--limit", "2000")
        #expect((800...1000).contains(installed.count))
        let events = try await server.musterJSON("events", "list", "--limit", "10000")
        let raised = events.count { ["application-updated", "service-failed"].contains($0["type"] as? String) }
        #expect(raised == report["eventsRaised"] as? Int)
        try await comesBackWithoutEnrolling()
    }

    private func comesBackWithoutEnrolling() async throws {
        let report = try await swarm("synchronizations", "--count", "60", "--concurrency", "5").succeeded().object()
        #expect(report["count"] as? Int == 60)
        #expect(try await server.musterJSON("devices", "list", "--limit", "1000").count == 20)
    }

    @Test func anInterruptedRunEndsWithASummaryAndDoesNotCount() async throws {
        let log = files.file("swarm.log")
        let program = try RunningProgram(
            "muster-swarm", try await arguments("run", run + ["--devices", "5", "--duration", "1000"]), log: log)
        try await eventually("the swarm measures", state: { program.log }) { program.log.contains("measuring") }
        program.signal(SIGINT)
        #expect(try await program.exitStatus() == 1)
        #expect(program.log.contains("\"enrolled\" : 5"))
        #expect(program.log.contains("not valid: interrupted"))
    }

    @Test func aRunThatCannotEnrolSaysWhy() async throws {
        try "\(UUID().uuidString.lowercased()).\(String(repeating: "A", count: 43))\n".write(
            toFile: files.file("wrong.token"), atomically: false, encoding: .utf8)
        let program = try RunningProgram(
            "muster-swarm",
            try await arguments("run", run + ["--devices", "2", "--duration", "1", "--token-file", files.file("wrong.token")]),
            log: files.file("swarm.log"))
        try await eventually("a token was refused") {
            try await server.muster("server", "status").succeeded().output.contains("tokenUnknown")
        }
        program.signal(SIGINT)
        #expect(try await program.exitStatus() == 1)
        #expect(program.log.contains("2 of 2 devices are not enrolled"))
        #expect(program.log.contains("tokenUnknown"))
    }
}
