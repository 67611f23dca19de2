import Foundation
package import MusterTestKit

/// A device: its machine, and the agent on it.
package final class LabDevice: Sendable {
    package let host: LabHost
    private let server: LabServer

    init(_ host: LabHost, server: LabServer) {
        self.host = host
        self.server = server
    }

    package var name: String { host.name }

    /// How its agent is told to reach the server.
    package var serverName: String { host.place == .office ? LabPlan.internalName : LabPlan.externalName }

    /// Runs a shell command on it, as root. A command that failed is a result.
    @discardableResult
    package func run(_ command: String, within bound: Duration = .seconds(180)) async throws -> CommandResult {
        try await host.run(command, within: bound)
    }

    /// Runs one of the agent's commands.
    package func agent(_ arguments: String...) async throws -> CommandResult {
        try await run("muster-agent \(arguments.map(LabFile.quoted).joined(separator: " "))")
    }

    /// Installs the agent's package that carries no connection file.
    package func install() async throws {
        try await run(LabPackages.install("\(LabPackages.inside)/muster-agent_*.deb"), within: .seconds(120)).succeeded()
    }

    /// Installs the package that the server's machine downloaded last, carried here: `apt install ./agent.deb`.
    /// - Returns: what apt and the package said.
    @discardableResult
    package func installDownload(environment: String = "") async throws -> String {
        try server.host.carry(LabServer.download, to: host)
        let command = LabPackages.install(LabServer.download, environment: environment)
        return try await run(command, within: .seconds(180)).succeeded().output
    }

    /// Installs the agent, enrols with a token of its own, and starts it.
    package func enrol() async throws {
        try await install()
        let (token, pins) = try await server.makeToken()
        try host.write("\(token)\n", to: "/root/token", mode: 0o600)
        let trust = pins.map { "--pin \($0)" }.joined(separator: " ")
        try await run("muster-agent enrol --server \(serverName) --token-file /root/token \(trust)").succeeded()
        try await run("rm /root/token; systemctl start muster-agent").succeeded()
        try await waitForAgent()
    }

    /// Waits until the agent answers.
    package func waitForAgent() async throws {
        try await eventually("the agent of \(name) answers", within: .seconds(60)) {
            try await status()["running"] as? Bool == true
        }
    }

    /// Synchronizes, asked for on the device.
    /// - Throws: what the agent said when it failed.
    @discardableResult
    package func sync() async throws -> CommandResult { try await agent("sync").succeeded() }

    /// What `muster-agent status` says.
    package func status() async throws -> [String: Any] {
        try await agent("status", "--output", "json").succeeded().object()
    }

    /// As the server knows it.
    package var id: String {
        get async throws {
            guard let id = try await status()["device"] as? String else {
                throw FixtureError(description: "\(name) is not enrolled")
            }
            return id
        }
    }

    /// Raises an event. Returns when it is stored on the device.
    package func event(_ type: String, _ text: String) async throws {
        try await agent("event", "--type", type, "--severity", "info", "--text", text).succeeded()
    }
}
