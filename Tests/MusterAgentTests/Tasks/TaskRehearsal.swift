import Glibc
import MusterModel
import Synchronization
import Testing

@testable import MusterAgent

/// A device for a task's work: a folder with programs that stand in for the system's, or call them; programs are really run.
final class TaskRehearsal: Sendable {
    private struct Told {
        var progress: [(share: Int?, step: String)] = []
        var events: [DeviceEvent] = []
    }

    private let programs: FakePrograms
    private let hearing = ProgramHearing()
    private let told = Mutex(Told())

    init() throws {
        programs = try FakePrograms()
        try #require(Glibc.system("cd '\(programs.directory)' && chmod 755 . && mkdir -p usr/bin sbin run/systemd/system") == 0)
    }

    /// - Parameter path: as `usr/bin/apt-get`.
    func add(_ path: String, _ script: String) throws { try programs.add(path, script) }
    func file(_ path: String) -> String { programs.file(path) }
    func write(_ path: String, _ text: String) throws { try programs.write(path, text) }
    func text(_ path: String) -> String? { SystemCall.contents(of: file(path)).map { String(decoding: $0, as: UTF8.self) } }

    var output: String { hearing.text }
    var shares: [Int?] { told.withLock { $0.progress.map(\.share) } }
    var steps: [String] { told.withLock { $0.progress.map(\.step) } }
    var events: [DeviceEvent] { told.withLock(\.events) }

    var context: TaskContext {
        let runner = hearing.runner(grace: .seconds(1))
        return TaskContext(
            root: RootPath(programs.directory), run: { await runner.run($0) },
            print: { text in Array("\(text)\n".utf8).withUnsafeBytes { self.hearing.heard($0) } },
            progress: { share, step in self.told.withLock { $0.progress.append((share, step)) } },
            raise: { event in self.told.withLock { $0.events.append(event) } })
    }

    /// Does what the type does, as the manifest has it.
    func run(
        _ application: ApplicationID, _ type: String, _ settings: [String: ManagedValue] = [:]
    ) async throws -> TaskConclusion {
        try await run(#require(TaskWorks.builtIn(application, type)), application, type, settings)
    }

    func run(
        _ work: any TaskWork, _ application: ApplicationID, _ type: String, _ settings: [String: ManagedValue] = [:]
    ) async throws -> TaskConclusion {
        let manifest = try #require(ApplicationManifest.builtIn(application))
        try manifest.check(settings, ofTask: #require(manifest.task(type)))
        let task = TaskDefinition(
            id: .wellKnown(1), revision: 1, name: "test", application: application, type: type, settings: settings,
            timing: try TaskTiming(.manually))
        return await work.run(task, in: context)
    }
}
