import Foundation
import MusterTestKit
import Testing

/// `muster-server run`: how it starts and how it ends.
@Suite(.fewAtATime)
struct ServerRunTests {
    @Test func portZeroPicksFreeOnesAndTheReadyFileSaysWhich() async throws {
        let server = try await TestServer()
        try await server.start()
        let ready = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: server.readyFile)))
        let ports = try #require(ready as? [String: Int])
        #expect(Set(ports.keys) == ["agentPort", "udpPort", "httpsPort"])
        #expect(ports.values.allSatisfy { (1...65_535).contains($0) })
        #expect(try await server.musterJSON("server", "status").count == 1)
        let other = try await TestServer()
        try await other.start()
        #expect(other.isRunning)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalDrainsAndItExitsWith0(signal: Int32) async throws {
        let site = try await Site()
        try await site.agent.event("before-the-end", "info", "still stored")
        try await eventually("the event is stored") { try await site.events("before-the-end").count == 1 }
        site.server.signal(signal)
        #expect(try await site.server.exitStatus() == 0)
        #expect(site.server.log.contains("server.stopped"))
        try await site.server.start()
        #expect(try await site.events("before-the-end").count == 1)
    }

    @Test func withoutInitItSaysWhatToDo() async throws {
        let files = try TemporaryDirectory()
        let result = try await runProgram("muster-server", ["run", "--data-dir", files.path])
        #expect(result.status == 1)
        #expect(result.error.contains("muster-server init --data-dir \(files.path)"))
        #expect(try DirectorySnapshot(files.path).names.isEmpty)
    }

    @Test func twoOnOneDirectoryAreRefused() async throws {
        let server = try await TestServer()
        try await server.start()
        let second = try await runProgram(
            "muster-server",
            ["run", "--data-dir", server.dataDirectory, "--agent-port", "0", "--udp-port", "0", "--https-port", "0"])
        #expect(second.status == 1)
        #expect(second.error.contains("another muster-server uses \(server.dataDirectory)"), "\(second.error)")
        #expect(try await server.muster("server", "status").status == 0)
    }

    @Test(arguments: ["--agent-port", "--https-port", "--udp-port"])
    func aPortInUseIsNamed(option: String) async throws {
        let server = try await TestServer()
        try await server.start()
        let other = try await TestServer()
        let taken = ["--agent-port": server.agentPort, "--https-port": server.httpsPort, "--udp-port": server.udpPort]
        var arguments = ["run", "--data-dir", other.dataDirectory, "--listen", server.address]
        for (name, port) in taken { arguments += [name, name == option ? "\(port)" : "0"] }
        let result = try await runProgram("muster-server", arguments)
        #expect(result.status == 1)
        let port = try #require(taken[option])
        #expect(result.error.contains("\(server.address):\(port)"), "\(result.error)")
        #expect(result.error.contains("Address already in use\n"), "\(result.error)")
    }

    @Test func aNameThatIsNotKnownIsSaidInWords() async throws {
        let server = try await TestServer()
        try await server.start()
        try await server.stop()
        let result = try await runProgram(
            "muster-server",
            [
                "run", "--data-dir", server.dataDirectory, "--listen", "no-such-name.invalid", "--agent-port", "0",
                "--https-port", "0", "--udp-port", "0",
            ])
        #expect(result.status == 1)
        #expect(result.error.contains("the name no-such-name.invalid is not resolved"), "\(result.error)")
        #expect(!result.error.contains("UnknownHost"))
    }
}
