import Foundation
import MusterTestKit
import Testing

/// `make run`, from after the build on: a first run, Ctrl-C, and a second one with the same data. One at a time: it takes the usual ports.
@Suite(.fewAtATime, .serialized)
struct MakeRunTests {
    private let files: TemporaryDirectory
    private var home: String { files.file("home") }

    init() throws { files = try TemporaryDirectory() }

    private func start(log: String, listening listen: String = "127.0.0.1") throws -> RunningProgram {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../scripts/run.sh")
        var order = ProgramOrder(
            "/bin/bash", [script.standardized.path],
            environment: [
                "MUSTER_HOME": home, "MUSTER_PROGRAMS": ProgramPath.directory, "HOME": files.path, "MUSTER_LISTEN": listen,
            ],
            log: files.file(log))
        // It ends what it started.
        order.deathSignal = "TERM"
        return try RunningProgram(order)
    }

    private func showsEvents(_ run: RunningProgram) async throws {
        try await eventually("the events are shown", state: { run.log }) {
            run.log.contains("agent-started") || !run.isRunning
        }
        guard run.isRunning else { throw FixtureError(description: "it ended: \(run.log)") }
    }

    /// The processes it started, by the data they work on.
    private func children(of run: RunningProgram) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { pid in
            let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            return status?.split(separator: ")").last?.split(separator: " ").dropFirst().first.flatMap { Int32($0) } == run.pid
        }
    }

    private func raise(_ text: String) async throws {
        let arguments = ["event", "--state-dir", "\(home)/agent", "--type", "by-hand", "--severity", "info", "--text", text]
        try await runProgram("muster-agent", arguments).succeeded()
    }

    private func deviceID() async throws -> String {
        let status = try await runProgram("muster-agent", ["status", "--state-dir", "\(home)/agent", "--output", "json"])
        return try #require(try status.succeeded().object().text("device"))
    }

    @Test func itListensOnAnotherAddress() async throws {
        let run = try start(log: "first", listening: "127.7.7.7")
        try await showsEvents(run)
        #expect(run.log.contains("Enrolled at 127.7.7.7:") && run.log.contains("MUSTER_SERVER=127.7.7.7:"), "\(run.log)")
        run.signal(SIGINT)
        #expect(try await run.exitStatus() == 0)
    }

    @Test func showsThisMachineStopsCleanlyAndGoesOn() async throws {
        let first = try start(log: "first")
        try await showsEvents(first)
        let device = try await deviceID()
        for text in [device, "Operating system", "Installed applications", "Last synchronization", "Next synchronization"] {
            #expect(first.log.contains(text), "\(text) in \(first.log)")
        }
        try await raise("in the first run")
        try await eventually("the event is shown live", state: { first.log }) { first.log.contains("in the first run") }
        let children = try children(of: first)
        #expect(children.count >= 3, "server, agent and follower: \(children)")
        first.signal(SIGINT)
        #expect(try await first.exitStatus() == 0)
        for child in children { #expect(!FileManager.default.fileExists(atPath: "/proc/\(child)"), "\(child) still runs") }

        let second = try start(log: "second")
        try await showsEvents(second)
        #expect(try await deviceID() == device)
        try await raise("in the second run")
        try await eventually("the event is shown live", state: { second.log }) { second.log.contains("in the second run") }
        #expect(second.log.contains("in the first run"), "events are kept: \(second.log)")
        #expect(!second.log.contains("Enrolled at"))
        second.signal(SIGTERM)
        #expect(try await second.exitStatus() == 0)
    }

    @Test func aServerThatEndsEndsAllOfIt() async throws {
        let run = try start(log: "run")
        try await showsEvents(run)
        let children = try children(of: run)
        let server = try #require(
            children.first { pid in
                (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix("muster-server") == true
            })
        #expect(kill(server, SIGTERM) == 0)
        #expect(try await run.exitStatus() != 0)
        #expect(run.log.contains("The server ended"), "\(run.log)")
        for child in children { #expect(!FileManager.default.fileExists(atPath: "/proc/\(child)"), "\(child) still runs") }
    }
}
