import Foundation
import MusterTestKit
import Testing

/// The real `muster-swarm` with connection requests, shutdown notices and several processes, against the real server.
@Suite(.fewAtATime)
struct DatagramSwarmTests {
    private let files: TemporaryDirectory
    private let server: TestServer

    init() async throws {
        files = try TemporaryDirectory()
        server = try await TestServer(settings: ["enrolment-rate": 100])
        try await server.start()
    }

    @Test func devicesComeWhenAskedSayThatTheyGoAndSpreadOverProcesses() async throws {
        let (tokenFile, pins) = try await server.makeToken(uses: 100)
        // Next to one another: a port for each process.
        let port = UInt16.random(in: 20_000...30_000)
        let arguments =
            ["run", "--server", server.place, "--state-dir", files.file("fleet"), "--output", "json", "--devices", "12"]
            + pins.flatMap { ["--pin", $0] } + ["--token-file", tokenFile, "--enrolments-per-second", "50", "--processes", "3"]
            + ["--udp-port", "\(port)", "--notice-port", "\(server.udpPort)", "--duration", "12"]
        let program = try RunningProgram("muster-swarm", arguments, log: files.file("swarm.log"))
        try await eventually("the swarm measures", state: { program.log }) {
            program.log.contains("\nmeasuring for 12s")
        }
        let alone = try await server.muster("devices", "sync", "swarm-00007", "--wait").succeeded().output
        #expect(alone.contains("swarm-00007: done"), "\(alone)")
        let all = try await server.muster("devices", "sync", "--all", "--wait").succeeded().output
        #expect(all.components(separatedBy: ": done").count == 13, "\(all)")
        #expect(try await program.exitStatus() == 0, "\(program.log)")
        let log = program.log
        let start = try #require(log.range(of: "\n{")?.lowerBound, "\(log)")
        let end = try #require(log.range(of: "\n}", options: .backwards)?.upperBound)
        let report = try #require(try JSONSerialization.jsonObject(with: Data(log[start..<end].utf8)) as? [String: Any])
        #expect(report["devices"] as? Int == 12 && report["enrolledNow"] as? Int == 12)
        #expect(report["requestsAccepted"] as? Int == 13 && report["actionsDone"] as? Int == 13)
        #expect((report["requestTime"] as? [String: Any])?["count"] as? Int == 13)
        #expect(report["noticesSent"] as? Int == 12)
        let devices = try await server.musterJSON("devices", "list", "--limit", "100")
        #expect(devices.count == 12)
        let names = try FileManager.default.contentsOfDirectory(atPath: files.file("fleet")).sorted()
        #expect(names == ["process-1", "process-2", "process-3"])
        try await eventually("all are known to be shut down") {
            try await server.muster("devices", "list", "--limit", "100").succeeded().output
                .components(separatedBy: "shut down").count == 13
        }
    }
}
