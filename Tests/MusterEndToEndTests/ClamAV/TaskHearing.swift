import MusterModel
import MusterTestKit
import Synchronization

@testable import MusterAgent

/// Keeps what a task of a test says, and runs its programs.
final class TaskHearing: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var events: [DeviceEvent] = []
    }

    private let state = Mutex(State())

    var output: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }
    var events: [DeviceEvent] { state.withLock { $0.events } }

    func context(_ clamd: RealClamd) -> TaskContext {
        let runner = ProgramRunner(name: "test-\(UInt64.random(in: 0...(.max)))") { bytes in
            self.state.withLock { $0.bytes += Array(bytes) }
        }
        return TaskContext(
            root: RootPath(clamd.files.path), run: { await runner.run($0) },
            print: { text in self.state.withLock { $0.bytes += Array(text.utf8) } }, progress: { _, _ in },
            raise: { event in self.state.withLock { $0.events.append(event) } })
    }
}

extension RealClamd {
    func task(_ type: String, _ settings: [String: ManagedValue]) throws -> TaskDefinition {
        try TaskDefinition(
            id: TaskID.wellKnown(1), revision: 1, name: type, application: .clamAV, type: type, settings: settings,
            timing: TaskTiming(.manually))
    }
}
