import Foundation
import Synchronization

/// The real `muster-agent` in a state directory of its own. It ends with this value.
package final class TestAgent: Sendable {
    package let stateDirectory: String
    private let server: TestServer
    private let environment: [String: String]
    private let wrapper: [String]
    private let files: TemporaryDirectory
    private let program = Mutex<RunningProgram?>(nil)

    package convenience init(server: TestServer, environment: [String: String] = [:], under wrapper: [String] = []) throws {
        try self.init(stateDirectory: nil, server: server, environment: environment, under: wrapper)
    }

    /// - Parameters:
    ///   - stateDirectory: nil for one that is removed with this value.
    ///   - environment: of the agent and its commands.
    ///   - wrapper: a program and its arguments to run them under: a path, as `/usr/sbin/ip netns exec …`.
    package init(
        stateDirectory: String?, server: TestServer, environment: [String: String] = [:], under wrapper: [String] = []
    ) throws {
        files = try TemporaryDirectory()
        self.stateDirectory = stateDirectory ?? files.file("agent")
        self.server = server
        self.environment = environment
        self.wrapper = wrapper
    }

    /// Before its directory goes.
    deinit { program.withLock { $0 = nil } }

    package var isRunning: Bool { program.withLock { $0 }?.isRunning ?? false }
    /// Of the last start.
    package var pid: Int32? { program.withLock { $0 }?.pid }
    /// Of all starts.
    package var log: String { RunningProgram.text(of: files.file("agent.log")) }

    /// As the server knows it.
    package var deviceID: String {
        get async throws {
            guard let id = try await status()["device"] as? String else {
                throw FixtureError(description: "the agent is not enrolled")
            }
            return id
        }
    }

    /// Runs one of the agent's commands on this state directory.
    package func command(_ arguments: String..., input: String? = nil) async throws -> CommandResult {
        try await command(arguments, input: input)
    }

    package func command(_ arguments: [String], input: String? = nil) async throws -> CommandResult {
        let line = try commandLine(arguments + ["--state-dir", stateDirectory])
        return try await runProgram(line[0], Array(line.dropFirst()), environment: environment, input: input)
    }

    /// Enrols with a token of its own.
    @discardableResult
    package func enrol() async throws -> CommandResult {
        let (tokenFile, pins) = try await server.makeToken()
        return try await command(
            ["enrol", "--server", server.place, "--token-file", tokenFile]
                + pins.flatMap { ["--pin", $0] }
        ).succeeded()
    }

    /// Where its owner says what it may do; there from `configure` on.
    package var configDirectory: String { files.file("etc") }

    /// Writes a file of its configuration.
    package func configure(_ name: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: configDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let path = "\(configDirectory)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + ".new"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path + ".new")
        _ = rename(path + ".new", path)
    }

    /// Where connectors of others are; there from `install` on.
    package var connectorDirectory: String { files.file("connectors") }

    /// Puts a connector there, as a package does: whole.
    package func install(connector name: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: connectorDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try ProgramFile.write(text, to: "\(connectorDirectory)/\(name)")
    }

    /// Starts it and waits until it answers.
    package func start() async throws {
        let line = try commandLine([
            "run", "--state-dir", stateDirectory, "--config-dir", configDirectory, "--connector-dir", connectorDirectory,
            "--log-level", "debug",
        ])
        let started = try RunningProgram(
            line[0], Array(line.dropFirst()), environment: environment, log: files.file("agent.log"))
        program.withLock { $0 = started }
        try await eventually("the agent answers", state: { String(self.log.suffix(4000)) }) {
            guard started.isRunning else { return true }
            return try await status()["running"] as? Bool == true
        }
        guard started.isRunning else { throw FixtureError(description: "the agent did not start: \(log.suffix(4000))") }
    }

    private func commandLine(_ arguments: [String]) throws -> [String] {
        wrapper + [try ProgramPath.of("muster-agent")] + arguments
    }

    /// SIGTERM.
    /// - Returns: its exit status.
    @discardableResult
    package func stop() async throws -> Int32 {
        guard let program = program.withLock({ $0 }) else { throw FixtureError(description: "the agent was never started") }
        return try await program.terminate()
    }

    /// SIGKILL.
    package func kill() async throws { try await program.withLock { $0 }?.kill() }

    /// Synchronizes now.
    /// - Throws: what the agent said when it failed.
    @discardableResult
    package func sync() async throws -> CommandResult { try await command("sync").succeeded() }

    /// What `status --output json` says.
    package func status() async throws -> [String: Any] {
        try await command("status", "--output", "json").succeeded().object()
    }

    /// Raises an event. Returns when it is stored on the device.
    @discardableResult
    package func event(_ type: String, _ severity: String, _ text: String) async throws -> CommandResult {
        try await command("event", "--type", type, "--severity", severity, "--text", text).succeeded()
    }
}
