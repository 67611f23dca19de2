import Foundation
import Synchronization

/// Debian's `tinyproxy` on a loopback address of its own, which it also connects from. It ends with this value.
package final class TestProxy: Sendable {
    package static let port = 8888

    package let address: String
    private let files: TemporaryDirectory
    private let program: Mutex<RunningProgram?>

    /// - Parameters:
    ///   - credentials: what it asks for: `user password`; nil: nothing.
    ///   - allowedPort: the only one it connects to; nil: any.
    ///   - names: names that it alone knows, with their addresses. Needs root.
    package init(credentials: String? = nil, allowedPort: Int? = nil, names: [String: String] = [:]) async throws {
        files = try TemporaryDirectory()
        let address = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        self.address = address
        var lines = [
            "Port \(Self.port)", "Listen \(address)", "Bind \(address)", "Timeout 60", "MaxClients 50", "Allow 127.0.0.0/8",
            "LogLevel Info", "LogFile \"\(files.file("tinyproxy.log"))\"",
        ]
        if let credentials { lines.append("BasicAuth \(credentials)") }
        if let allowedPort { lines.append("ConnectPort \(allowedPort)") }
        try lines.joined(separator: "\n").appending("\n").write(toFile: files.file("conf"), atomically: false, encoding: .utf8)
        let order = try Self.order(files, names)
        let started = try RunningProgram(order)
        program = Mutex(started)
        try await eventually("the proxy listens", within: .seconds(20), state: { started.log }) {
            RunningProgram.text(of: self.files.file("tinyproxy.log")).contains("Starting main loop")
        }
    }

    deinit { program.withLock { $0 = nil } }

    /// As agents take it.
    package func url(_ credentials: String = "") -> String { "http://\(credentials)\(address):\(Self.port)" }

    /// What it did.
    package var log: String { RunningProgram.text(of: files.file("tinyproxy.log")) }

    package func stop() async throws { try await program.withLock { $0 }?.kill() }

    private static func order(_ files: TemporaryDirectory, _ names: [String: String]) throws -> ProgramOrder {
        let proxy = [try ProgramPath.ofSystem("tinyproxy"), "-d", "-c", files.file("conf")]
        guard !names.isEmpty else { return ProgramOrder(proxy[0], Array(proxy.dropFirst()), log: files.file("output")) }
        // A hosts file of its own, in a mount namespace of its own.
        let hosts = names.map { "\($0.value) \($0.key)\n" }.joined() + "127.0.0.1 localhost\n"
        try hosts.write(toFile: files.file("hosts"), atomically: false, encoding: .utf8)
        let script = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\""
        return ProgramOrder(
            try ProgramPath.ofSystem("unshare"), ["--mount", "bash", "-c", script, "bash", files.file("hosts")] + proxy,
            log: files.file("output"))
    }
}
