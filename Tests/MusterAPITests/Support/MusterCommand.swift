import Foundation
import MusterModel
import MusterTrust

/// The real program `muster`, as built beside these tests, in a home directory of its own.
struct MusterCommand: Sendable {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String

        func objects() throws -> [[String: Any]] {
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]] ?? []
        }

        func object() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
        }
    }

    let home: String
    var environment: [String: String] = [:]

    /// Beside the test bundle; the tests' own executable is what runs them.
    static let path: String = {
        let here = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: here).deletingLastPathComponent().appendingPathComponent("muster").path
    }()

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

    func process(_ arguments: [String]) -> (process: Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = environment.merging(["HOME": home]) { own, _ in own }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        return (process, output, errors)
    }

    @concurrent
    func callAsFunction(_ arguments: String...) async throws -> Outcome {
        let (process, output, errors) = process(arguments)
        async let printed = Self.text(of: output)
        async let complained = Self.text(of: errors)
        try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in started.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                started.resume(throwing: error)
            }
        }
        return Outcome(status: process.terminationStatus, output: await printed, errors: await complained)
    }

    /// All of it, read by a thread of its own, so that no pipe fills.
    private static func text(of pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
        }
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
