import Foundation
import MusterTestKit
import Testing

/// A wrong or unknown setting is refused at start with its name, its value and what is allowed.
@Suite(.fewAtATime)
struct ServerSettingsTests {
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    private func run(_ arguments: String...) async throws -> CommandResult {
        try await runProgram("muster-server", ["run", "--data-dir", files.path] + arguments)
    }

    private func run(settings: String) async throws -> CommandResult {
        try settings.write(toFile: files.file("settings.json"), atomically: true, encoding: .utf8)
        return try await run("--config", files.file("settings.json"))
    }

    @Test(arguments: [
        (#"{"agent-port": 65536}"#, "'agent-port' is 65536", "0 to 65535"),
        (#"{"udp-port": "13000"}"#, "'udp-port' is \"13000\"", "0 to 65535"),
        (#"{"https-port": true}"#, "'https-port' is true", "0 to 65535"),
        (#"{"connection-limit": 0}"#, "'connection-limit' is 0", "1 to 1000000"),
        (#"{"connection-limit": 1.5}"#, "'connection-limit' is 1.5", "1 to 1000000"),
        (#"{"accept-rate": -1}"#, "'accept-rate' is -1", "1 to 1000000"),
        (#"{"accept-rate": true}"#, "'accept-rate' is true", "1 to 1000000"),
        (#"{"idle-timeout": "2h"}"#, "'idle-timeout' is \"2h\"", "1s to 1h"),
        (#"{"idle-timeout": 60}"#, "'idle-timeout' is 60", "1s to 1h"),
        (#"{"backlog": [1]}"#, "'backlog' is an array", "1 to 65535"),
        (#"{"listen": ""}"#, "'listen' is \"\"", "an address"),
    ])
    func aWrongOne(settings: String, named: String, allowed: String) async throws {
        let result = try await run(settings: settings)
        #expect(result.status == 1)
        #expect(result.error.contains(named) && result.error.contains(allowed), "\(result.error)")
    }

    @Test func anUnknownOneNamesThoseThereAre() async throws {
        let result = try await run(settings: #"{"agent-prot": 13000}"#)
        #expect(result.status == 1)
        #expect(result.error.contains("'agent-prot' is not known") && result.error.contains("agent-port"), "\(result.error)")
    }

    @Test func whatIsNoFileOfSettings() async throws {
        #expect(try await run("--config", files.file("none")).error.contains("\(files.file("none")) cannot be read"))
        #expect(try await run(settings: "[1]").error.contains("not a JSON object"))
        #expect(try await run(settings: "agent-port = 1").error.contains("not a JSON object"))
    }

    @Test(arguments: [
        (["--agent-port", "65536"], "agent-port", "0 to 65535"),
        (["--udp-port=-1"], "udp-port", "0 to 65535"),
        (["--https-port", "none"], "https-port", "none"),
        (["--log-level", "loud"], "--log-level loud", "trace, debug"),
        (["--no-such-flag"], "--no-such-flag", "Unknown option"),
    ])
    func aWrongFlag(arguments: [String], named: String, allowed: String) async throws {
        let result = try await runProgram("muster-server", ["run", "--data-dir", files.path] + arguments)
        #expect(result.status != 0)
        #expect(result.error.contains(named) && result.error.contains(allowed), "\(result.error)")
    }

    @Test func anAddressThatIsNoneIsNamed() async throws {
        let server = try await TestServer()
        let result = try await runProgram(
            "muster-server",
            ["run", "--data-dir", server.dataDirectory, "--listen", "nowhere.invalid", "--agent-port", "0", "--udp-port", "0"]
                + ["--https-port", "0"])
        #expect(result.status == 1)
        #expect(result.error.contains("nowhere.invalid"), "\(result.error)")
    }

    /// Settings of the file hold, and the command line goes before them.
    @Test func theCommandLineGoesBeforeTheFile() async throws {
        let server = try await TestServer(settings: ["agent-port": 1, "connection-limit": 1])
        try await server.start()
        #expect(server.agentPort != 1)
    }
}
