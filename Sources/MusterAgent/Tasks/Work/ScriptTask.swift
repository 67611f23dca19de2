import MusterModel
import Synchronization

/// Runs a script of an administrator's.
struct ScriptTask: TaskWork {
    private static let shell = "/bin/sh"

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        let text = task.text(ScriptTaskKey.text) ?? ""
        let file: ScriptFile
        do {
            file = try ScriptFile(text, for: task.text(ScriptTaskKey.user), root: context.root)
        } catch {
            return .failed("notStarted", error.text)
        }
        defer { file.remove() }
        var program = program(task, text, file.path)
        program.status = { line in
            if let (share, step) = Self.progress(in: line) { context.progress(share, step) }
        }
        let words = Words()
        program.hears = { words.heard($0) }
        return conclusion(await context.run(program), task, words.advice)
    }

    private func program(_ task: TaskDefinition, _ text: String, _ file: String) -> TaskProgram {
        let interpreter =
            task.text(ScriptTaskKey.interpreter).map { [$0] } ?? ScriptInterpreter.named(in: text) ?? [Self.shell]
        var program = TaskProgram(
            interpreter[0], interpreter.dropFirst() + [file] + task.texts(ScriptTaskKey.arguments))
        for variable in task.texts(ScriptTaskKey.environment) {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { program.environment[String(parts[0])] = String(parts[1]) }
        }
        program.user = task.text(ScriptTaskKey.user)
        program.directory = task.text(ScriptTaskKey.directory) ?? "/"
        program.limit = task.duration(ScriptTaskKey.timeLimit)
        return program
    }

    /// A line that a script writes to descriptor 3: a percentage, and what it does just now, as `40 copying`. Other lines are left out.
    static func progress(in line: String) -> (share: Int, step: String)? {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, let percent = Int(first), (0...100).contains(percent) else { return nil }
        return (percent * 10, parts.count == 2 ? String(parts[1]) : "")
    }

    private func limit(_ task: TaskDefinition) -> String { task.duration(ScriptTaskKey.timeLimit)?.text ?? "it may" }

    private func isSuccess(_ code: Int32, _ task: TaskDefinition) -> Bool {
        let codes = task.texts(ScriptTaskKey.successCodes)
        return codes.isEmpty ? code == 0 : codes.contains(String(code))
    }

    private func conclusion(_ end: TaskProgram.End, _ task: TaskDefinition, _ advice: String) -> TaskConclusion {
        switch end {
        case .exited(let code) where isSuccess(code, task): .succeeded(exitCode: code)
        case .exited(let code) where code > 128:
            .failed("signal", "the script was ended by signal \(code - 128): \(advice)", exitCode: code)
        case .exited(let code): .failed("exitCode", "the script ended with \(code): \(advice)", exitCode: code)
        case .notStarted(let text): .failed("notStarted", "the script could not be started: \(text)")
        case .timedOut:
            .timedOut("the script took longer than \(limit(task)) and was ended with all it started")
        case .cancelled: .failed("stopped", "the script was ended")
        }
    }
}

/// Whether a script has said anything.
private final class Words: Sendable {
    private let areThere = Atomic(false)

    func heard(_ bytes: [UInt8]) { if !bytes.isEmpty { areThere.store(true, ordering: .relaxed) } }

    var advice: String { areThere.load(ordering: .relaxed) ? "its output says more" : "it printed nothing" }
}

/// What the first line of a script says runs it.
enum ScriptInterpreter {
    /// As the system reads `#!/usr/bin/env python3`: a path and at most one argument, which may have spaces. Nil: no such line.
    static func named(in text: String) -> [String]? {
        guard text.hasPrefix("#!") else { return nil }
        let line = text.dropFirst(2).prefix { !$0.isNewline }.drop { $0.isWhitespace }
        let path = line.prefix { !$0.isWhitespace }
        guard path.hasPrefix("/") else { return nil }
        var argument = line.dropFirst(path.count).drop { $0.isWhitespace }
        while argument.last?.isWhitespace == true { argument.removeLast() }
        return [String(path)] + (argument.isEmpty ? [] : [String(argument)])
    }
}
