import Foundation
import MusterTestKit
import Testing

/// The real `muster-swarm` with permanent connections, against the real server.
@Suite(.fewAtATime)
struct PermanentSwarmTests {
    private let files: TemporaryDirectory
    private let server: TestServer

    init() async throws {
        files = try TemporaryDirectory()
        server = try await TestServer(settings: ["enrolment-rate": 200])
        try await server.start()
    }

    /// Enrols with an installation package that ticks *Do not disconnect*.
    private func arguments(_ command: String, devices: Int, _ more: [String]) async throws -> [String] {
        try await server.muster(
            "packages", "create", "--server-address", server.place, "--permanent-connection", "on", "--token-uses", "\(devices)",
            "swarm"
        ).succeeded()
        let path = files.file("connection.json")
        try await server.muster("packages", "download", "--connection-file", "--to", path, "swarm").succeeded()
        let data = try #require(FileManager.default.contents(atPath: path))
        let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let token = try server.secretFile(try #require(file["token"] as? String))
        let pins = try #require(file["pins"] as? [String])
        return [command, "--server", server.place, "--state-dir", files.file("fleet"), "--output", "json"]
            + pins.flatMap { ["--pin", $0] } + [
                "--token-file", token, "--devices", "\(devices)", "--enrolments-per-second", "60",
            ]
            + more
    }

    private func report(_ program: RunningProgram) throws -> [String: Any] {
        let log = program.log
        let start = try #require(log.range(of: "\n{")?.lowerBound ?? log.range(of: "{")?.lowerBound, "\(log)")
        let end = try #require(log.range(of: "\n}")?.upperBound)
        return try #require(try JSONSerialization.jsonObject(with: Data(log[start..<end].utf8)) as? [String: Any])
    }

    @Test func devicesStaySynchronizeActAndAreLetGo() async throws {
        let program = try RunningProgram(
            "muster-swarm",
            try await arguments(
                "run", devices: 20, ["--sync-interval", "2", "--duration", "10", "--events-per-second", "10"]),
            log: files.file("swarm.log"))
        try await eventually("the swarm measures", state: { program.log }) {
            program.log.contains("measuring")
        }
        let status = try await server.muster("server", "status").succeeded().output
        #expect(status.contains("ticked 20 · connected 20 · limit 300"))
        try await server.muster("devices", "sync", "--all").succeeded()
        try await server.muster("devices", "permanent-connection", "swarm-00007", "off").succeeded()
        let exit = try await program.exitStatus()
        #expect(exit == 0, "\(program.log)")
        let report = try report(program)
        #expect(report["permanentConnections"] as? Int == 19)
        #expect(report["actionsAccepted"] as? Int == 20 && report["actionsDone"] as? Int == 20)
        #expect(report["devicesSynchronized"] as? Int == 20)
        #expect(report["eventsRaised"] as? Int == report["eventsAcknowledged"] as? Int)
    }

    @Test func devicesApplyWhatPoliciesSayOfEachOfTheirApplications() async throws {
        let program = try RunningProgram(
            "muster-swarm", try await arguments("run", devices: 10, ["--duration", "60", "--services"]),
            log: files.file("swarm.log"))
        try await eventually("the swarm measures", state: { program.log }) {
            program.log.contains("measuring")
        }
        for (application, value) in [("network-agent", "sync-interval=20m"), ("services", "watched=ssh.service")] {
            try await server.muster(
                "policies", "create", application, "--application", application, "--group", "/", "--set", value
            ).succeeded()
        }
        for (policy, change) in [("network-agent", "sync-interval=25m"), ("services", "period=30s")] {
            try await server.muster("policies", "set", policy, change).succeeded()
            try await eventually("all have applied it") {
                let output = try await server.muster("policies", "delivery", policy, "--output", "json").succeeded().output
                let delivery = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
                return delivery?["total"] as? Int == 10 && delivery?["counts"] as? [String: Int] == ["applied": 10]
            }
        }
        _ = try await program.terminate()
    }

    /// 200 at once, where 20 are accepted at once and 40 a second.
    @Test func allComeBackAfterTheServerWasKilledAndItAnswersMeanwhile() async throws {
        let program = try RunningProgram(
            "muster-swarm",
            try await arguments(
                "restart", devices: 200, ["--ready-file", server.readyFile, "--patience", "120", "--source-addresses", "4"]),
            log: files.file("swarm.log"))
        try await eventually("all have permanent connections", state: { program.log }) {
            program.log.contains("ready for the restart of the server")
        }
        try await server.kill()
        try server.set(["handshakes-at-once": 0, "accept-rate": 40, "accept-burst": 20])
        try await server.start()
        var answers = 0
        while program.isRunning, answers < 1000 {
            try await server.muster("devices", "list", "--limit", "10").succeeded()
            answers += 1
        }
        #expect(try await program.exitStatus() == 0, "\(program.log)")
        let report = try report(program)
        #expect(report["returned"] as? Int == 200)
        // 180 of them had to wait for their turn: the listener did pause, and each of them had it.
        #expect(try #require(report["lastSeconds"] as? Double) > 3.5)
        #expect(answers > 0)
        let status = try await server.muster("server", "status").succeeded().output
        #expect(status.contains("ticked 200"))
    }
}
