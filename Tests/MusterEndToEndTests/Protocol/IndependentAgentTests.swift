import Foundation
import MusterTestKit
import Testing

/// An agent in another language, written from docs/protocol.md and the .proto files alone, is a device like any other.
@Suite("An agent written from docs/protocol.md", .fewAtATime)
struct IndependentAgentTests {
    @Test("enrols, synchronizes, sends events, and is put back")
    func course() async throws {
        let server = try await TestServer()
        try await server.start()
        let report = try await play(against: server)
        let device = try #require(report["device"] as? String)
        #expect(report["again"] as? String == device)
        try expectSessions(report)

        let devices = try await server.musterJSON("devices", "list")
        #expect(devices.map { $0["id"] as? String } == [device] && devices.first?["name"] as? String == "independent")
        try await expectInstalled(of: device, at: server)
        try await expectEvents(of: device, at: server)
        let status = try #require(try await server.musterJSON("server", "status").first)
        #expect(status["closes"] as? [String: Int] == ["done": 5, "enrolled": 2])
        #expect(status["enrolments"] as? Int == 1)
    }

    @Test("makes the same test vectors")
    func vectors() async throws {
        let count = try MarkdownFile("docs/protocol.md").rows(under: "Test vectors").count
        let result = try await python("vectors.py", [RepositoryFile.path("docs/protocol.md")], TemporaryDirectory())
        #expect(result.output == "\(count)\n")
    }

    /// Runs the agent, and reads what it says.
    private func play(against server: TestServer) async throws -> [String: Any] {
        let files = try TemporaryDirectory()
        let (tokenFile, pins) = try await server.makeToken()
        let state = files.file("state")
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let address = "\(server.address):\(server.agentPort)"
        let arguments = ["--server", address, "--token-file", tokenFile, "--state-dir", state] + pins.flatMap { ["--pin", $0] }
        return try await python("agent.py", arguments, files).object()
    }

    /// Runs one of the agent's programs with the Python modules of the .proto files.
    private func python(_ program: String, _ arguments: [String], _ files: TemporaryDirectory) async throws -> CommandResult {
        let proto = "--proto_path=\(RepositoryFile.path("Sources/MusterWire/Proto"))"
        for file in ["session.proto", "documents.proto"] {
            try await runProgram(ProgramPath.ofSystem("protoc"), [proto, "--python_out=\(files.path)", file]).succeeded()
        }
        let path = RepositoryFile.path("Tests/MusterEndToEndTests/IndependentAgent/\(program)")
        return try await runProgram(
            "/usr/bin/python3", [path] + arguments,
            environment: ["PYTHONPATH": files.path, "PYTHONDONTWRITEBYTECODE": "1"]
        ).succeeded()
    }

    private func expectSessions(_ report: [String: Any]) throws {
        func session(_ name: String) throws -> [String: Any] { try #require(report[name] as? [String: Any]) }
        let first = try session("first")
        #expect(first["sent"] as? [String: [String]] == ["1": ["whole"], "2": ["whole"], "3": ["whole"]])
        #expect(first["held"] as? [Int] == [32])
        let settings = try #require(report["settings"] as? [String: Any])
        #expect(settings["sync-interval"] as? Int == 900 && settings.count == 4)
        #expect(try session("unchanged")["transcript"] as? [String] == ["> hello", "< welcome", "> done"])
        #expect(try session("changed")["sent"] as? [String: [String]] == ["2": ["patch"]])
        #expect(try session("events")["eventsStored"] as? Int == 2)
        for name in ["first", "unchanged", "changed", "events"] { #expect(try session(name)["rolledBack"] as? Bool == false) }
        #expect(try session("putBack")["rolledBack"] as? Bool == true)
        let numbers = try ["first", "unchanged", "changed", "events", "putBack"].map {
            try #require(session($0)["session"] as? Int)
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    private func expectInstalled(of device: String, at server: TestServer) async throws {
        let installed = try await server.musterJSON("installed", "list", "--device", device, "--limit", "2000")
        let versions = Dictionary(
            uniqueKeysWithValues: installed.map { ($0["name"] as? String ?? "", $0["version"] as? String ?? "") })
        #expect(versions.count == 901 && versions["package-0900"] == "900.0-1" && versions["package-0001"] == nil)
        #expect(versions["hello"] == "2.10-3" && versions["wheel"] == "0.40.0")
    }

    private func expectEvents(of device: String, at server: TestServer) async throws {
        let events = try await server.musterJSON("events", "list", "--device", device, "--limit", "2000")
        let texts = events.map { $0["text"] as? String ?? "" }
        #expect(
            Array(texts.dropFirst())
                == ["the agent started", "hello 2.10-3 (amd64) was installed"] + (0..<500).map { "event \($0) of a burst" }
                + (0..<500).map { "event \($0) after the roll-back" } + ["this device was put back to an earlier copy"])
        let sequences = events.map { $0["sequence"] as? Int ?? 0 }
        #expect(sequences == [0] + Array(1...502) + Array(1...501))
        #expect(events.first?["type"] as? String == "device-enrolled")
    }
}
