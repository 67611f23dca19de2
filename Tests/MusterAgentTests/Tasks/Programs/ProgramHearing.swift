import Synchronization

@testable import MusterAgent

/// Keeps what programs of a test say.
final class ProgramHearing: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var count = 0
        var lines: [String] = []
    }

    private static let kept = 1 << 20
    private let state = Mutex(State())

    func heard(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            state.bytes += bytes.prefix(max(0, Self.kept - state.bytes.count))
            state.count += bytes.count
        }
    }

    func heard(line: String) { state.withLock { $0.lines.append(line) } }

    var bytes: [UInt8] { state.withLock(\.bytes) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var count: Int { state.withLock(\.count) }
    /// Of the status descriptor.
    var lines: [String] { state.withLock(\.lines) }

    func runner(grace: Duration = .seconds(5)) -> ProgramRunner {
        ProgramRunner(name: "test-\(UInt64.random(in: 0...(.max)))", grace: grace) { self.heard($0) }
    }
}
