import Foundation
import MusterModel
import MusterTestKit
import MusterTrust

/// The real program `muster`, as built beside these tests, in a home directory of its own.
struct MusterCommand: Sendable {
    let home: String
    var environment: [String: String] = [:]

    /// With server, token and pin in the environment.
    init(_ api: APIFixture, token: String? = nil) throws {
        home = api.directory
        let file = home + "/\(UUID()).token"
        try ((token ?? api.administrator) + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        environment = [
            "MUSTER_SERVER": "127.0.0.1:\(api.port)", "MUSTER_TOKEN_FILE": file, "MUSTER_PIN": api.key.pin.description,
        ]
    }

    init(home: String) { self.home = home }

    func process(_ arguments: [String]) throws -> (process: Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try ProgramPath.of("muster"))
        process.arguments = arguments
        process.environment = environment.merging(["HOME": home]) { own, _ in own }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        return (process, output, errors)
    }

    func callAsFunction(_ arguments: String...) async throws -> CommandResult { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> CommandResult {
        try await runProgram("muster", arguments, environment: environment.merging(["HOME": home]) { own, _ in own })
    }

    /// Lines as they come.
    static func lines(of pipe: Pipe) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            var rest = Data()
            while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                rest.append(data)
                var lines = rest.split(separator: 10, omittingEmptySubsequences: false)
                rest = Data(lines.removeLast())
                for line in lines { continuation.yield(String(decoding: line, as: UTF8.self)) }
            }
            continuation.finish()
        }
        return stream
    }
}
