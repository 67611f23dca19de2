import Glibc
import MusterModel
import MusterWire
import Synchronization
import UnixSignals

/// The process of one run: does the task from beginning to end, and leaves in the folder what became of it. The agent may be away, or be
/// replaced meanwhile.
package struct RunProcess: Sendable {
    /// After the time is up, or somebody stopped it, until what it does is given up on: programs are ended within 5 s.
    private static let patience = Duration.seconds(20)

    /// Of a task without a limit of its own: one that takes longer hangs.
    private static let longestRun = Duration.days(30)

    private let folder: RunFolder
    private let root: RootPath

    package init(folder: String, root: String = "/") {
        self.folder = RunFolder(path: folder)
        self.root = RootPath(root)
    }

    /// - Throws: when there is no order, or the folder cannot be written; the agent starts it again then.
    package func run() async throws(AgentError) {
        guard let order = folder.order else {
            throw AgentError(.stateDamaged, "there is no order in \(folder.path): this command is the agent's own")
        }
        // Another process does it, or did it.
        guard let right = try folder.begin(at: .now()) else { return }
        defer { withExtendedLifetime(right) {} }
        let writer = RunWriter(folder)
        let result = await Self.result(of: order, writer: writer, folder: folder, root: root)
        writer.close()
        try folder.write(result)
    }

    private static func result(
        of order: RunOrderFile, writer: RunWriter, folder: RunFolder, root: RootPath
    ) async -> RunResultFile {
        guard let task = TaskDefinition(payload: order.task), let work = TaskWorks.work(for: task, connectors: order.connectors)
        else {
            return RunResultFile(
                result: .failed, code: "notSupported", text: "this agent does not know how to do it any more", ended: .now())
        }
        let runner = ProgramRunner(name: "\(order.run)") { writer.output($0) }
        let context = TaskContext(
            root: root, run: { await runner.run($0) }, print: { writer.output(Array("\($0)\n".utf8)) },
            progress: { writer.progress($0, $1) }, raise: { folder.append($0) })
        let end = await finish(task, work, context, folder)
        switch end {
        case .concluded(let conclusion):
            return RunResultFile(
                result: conclusion.hasSucceeded ? .succeeded : conclusion.hasTimedOut ? .timedOut : .failed,
                exitCode: conclusion.exitCode, code: conclusion.code, text: conclusion.text, figures: conclusion.figures,
                ended: .now())
        case .timedOut(let limit):
            return RunResultFile(
                result: .timedOut, code: "timedOut", text: "it took longer than \(limit.text) and was ended", ended: .now())
        case .terminated:
            let isStopped = folder.stopReason == .stopped
            return RunResultFile(
                result: isStopped ? .stopped : .interrupted, code: isStopped ? "stopped" : "interrupted",
                text: isStopped ? "somebody stopped it" : "the device was shut down, or its process was ended", ended: .now())
        }
    }

    private enum End: Sendable {
        case concluded(TaskConclusion)
        case timedOut(Duration)
        case terminated
    }

    /// Whatever comes first: its end, the end of its time, a signal.
    private static func finish(
        _ task: TaskDefinition, _ work: any TaskWork, _ context: TaskContext, _ folder: RunFolder
    ) async -> End {
        let ends = Mailbox<End>()
        // Neither outlives this process, which ends when this has returned: one that does not heed its cancellation is not waited for.
        let doing = Task { ends.put(.concluded(await work.run(task, in: context))) }
        let listening = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { ends.put(.terminated) }
        }
        defer { listening.cancel() }
        let limit = task.timing.stopAfter
        let end = await ends.take(within: limit ?? longestRun) ?? .timedOut(limit ?? longestRun)
        if case .concluded = end { return end }
        doing.cancel()
        _ = await ends.take(within: patience)
        return end
    }
}
