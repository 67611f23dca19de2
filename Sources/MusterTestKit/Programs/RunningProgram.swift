import Foundation
import Glibc

/// A program that runs while tests do other things. It ends with this value, and with the tests, however they end.
package final class RunningProgram: Sendable {
    /// Also the number of its process group.
    package let pid: Int32
    private let order: ProgramOrder
    private let life: ProgramLife

    package init(_ order: ProgramOrder) throws {
        self.order = order
        (life, pid) = try ProgramLife.begin(order)
    }

    /// - Parameters:
    ///   - name: one of this package's programs, or a path.
    ///   - log: the file its standard output and error are added to.
    package convenience init(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], log: String
    ) throws {
        try self.init(ProgramOrder(ProgramPath.of(name), arguments, environment: environment, log: log))
    }

    deinit { life.end() }

    package var isRunning: Bool { life.exitStatus == nil }

    /// What it has written.
    package var log: String { Self.text(of: order.output) }

    /// To its whole group; nothing when it has ended.
    package func signal(_ signal: Int32) { life.signal(signal) }

    /// Its exit code, or 128 and the number of the signal that ended it.
    /// - Throws: when it still runs after that time; it goes on running.
    package func exitStatus(within bound: Duration = .seconds(180)) async throws -> Int32 {
        let deadline = ContinuousClock.now + bound
        while true {
            if let status = life.exitStatus { return status }
            guard ContinuousClock.now < deadline else {
                throw FixtureError(
                    description: "\(order.program) \(order.arguments) still runs after \(bound): \(log.suffix(4000))")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// SIGTERM, and waits.
    /// - Returns: its exit status.
    @discardableResult
    package func terminate(within bound: Duration = .seconds(180)) async throws -> Int32 {
        signal(SIGTERM)
        return try await exitStatus(within: bound)
    }

    /// SIGKILL, and waits until it is gone.
    package func kill() async throws {
        signal(SIGKILL)
        _ = try await exitStatus()
    }

    package static func text(of file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}
