import Foundation
import Synchronization

/// The real `muster-server` in a data directory and on a loopback address of its own, so that servers of several tests, and what is left
/// of their connections, never meet. It ends with this value.
package final class TestServer: Sendable {
    private struct State {
        var program: RunningProgram?
        /// As the first start got them; every later one asks for the same.
        var ports: [String: Int] = [:]
    }

    package let dataDirectory: String
    /// All it listens on.
    package let address: String
    let files: TemporaryDirectory
    /// A program and its arguments that the server and its administrator's commands run under.
    let wrapper: [String]
    private let state = Mutex(State())

    /// Sets the server up, unless the directory is one already; does not start it.
    /// - Parameters:
    ///   - directory: its data directory; nil for one that is removed with this value.
    ///   - database: as `--database` takes it; nil for the embedded one.
    ///   - settings: for `--config`.
    ///   - address: to listen on; nil for one of 127.0.0.0/8 that no other server has.
    ///   - wrapper: what it and its administrator's commands run under: a path, as `/usr/sbin/ip netns exec …`.
    package init(
        directory: String? = nil, database: String? = nil, settings: [String: Any] = [:], address: String? = nil,
        under wrapper: [String] = []
    ) async throws {
        files = try TemporaryDirectory()
        self.wrapper = wrapper
        dataDirectory = directory ?? files.file("server")
        self.address = address ?? "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        try set(settings)
        if !FileManager.default.fileExists(atPath: "\(dataDirectory)/server.json") {
            let place = ["--data-dir", dataDirectory, "--external-address", self.address]
            try await runProgram("muster-server", ["init"] + place + (database.map { ["--database", $0] } ?? [])).succeeded()
        }
    }

    /// Before its directory goes.
    deinit { state.withLock { $0.program = nil } }

    package var agentPort: Int { port("agentPort") }
    package var httpsPort: Int { port("httpsPort") }
    package var udpPort: Int { port("udpPort") }
    package var isRunning: Bool { program?.isRunning ?? false }
    /// Of the last start.
    package var pid: Int32? { program?.pid }
    /// Of all starts.
    package var log: String { RunningProgram.text(of: logFile) }
    package var logFile: String { files.file("server.log") }
    /// Where agents reach it: `HOST:PORT`.
    package var place: String { at(agentPort) }
    /// Written by the server when it serves.
    package var readyFile: String { files.file("ready.json") }

    /// Other settings, in force at the next start.
    package func set(_ settings: [String: Any]) throws {
        try JSONSerialization.data(withJSONObject: settings).write(to: URL(fileURLWithPath: files.file("settings.json")))
    }

    /// Starts it and waits until it serves.
    /// - Parameter wrapper: a program and its arguments to run it under, as `strace …`.
    package func start(under wrapper: [String] = []) async throws {
        let ready = readyFile
        try? FileManager.default.removeItem(atPath: ready)
        let started = try RunningProgram(order(under: wrapper))
        state.withLock { $0.program = started }
        let ports = try await eventual("the server serves") { () -> [String: Int]? in
            if let data = FileManager.default.contents(atPath: ready) {
                return try JSONDecoder().decode([String: Int].self, from: data)
            }
            return started.isRunning ? nil : [:]
        }
        guard !ports.isEmpty else {
            throw FixtureError(description: "the server did not start: \(log.suffix(4000))")
        }
        state.withLock { $0.ports = ports }
    }

    /// SIGTERM.
    /// - Returns: its exit status.
    @discardableResult
    package func stop() async throws -> Int32 {
        guard let program else { throw FixtureError(description: "the server was never started") }
        return try await program.terminate()
    }

    package func signal(_ signal: Int32) { program?.signal(signal) }

    /// SIGKILL.
    package func kill() async throws { try await program?.kill() }

    /// Waits until it ends by itself.
    package func exitStatus(within bound: Duration = .seconds(180)) async throws -> Int32 {
        guard let program else { throw FixtureError(description: "the server was never started") }
        return try await program.exitStatus(within: bound)
    }

    private var program: RunningProgram? { state.withLock { $0.program } }

    func at(_ port: Int) -> String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    private func port(_ name: String) -> Int { state.withLock { $0.ports[name] ?? 0 } }

    private func order(under wrapper: [String]) throws -> ProgramOrder {
        let server = try ProgramPath.of("muster-server")
        let arguments = [
            "run", "--data-dir", dataDirectory, "--config", files.file("settings.json"), "--listen", address,
            "--agent-port", "\(agentPort)", "--udp-port", "\(udpPort)", "--https-port", "\(httpsPort)", "--ready-file", readyFile,
        ]
        let wrapper = self.wrapper + wrapper
        guard let outer = wrapper.first else { return ProgramOrder(server, arguments, log: logFile) }
        // The server ends with what it runs under, too.
        let inner = ProgramOrder(server, arguments, log: logFile)
        return ProgramOrder(
            outer.contains("/") ? outer : try ProgramPath.ofSystem(outer),
            Array(wrapper.dropFirst()) + (try inner.commandLine()), log: logFile)
    }
}
