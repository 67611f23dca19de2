import MusterModel

/// Starts, stops or restarts systemd units, one after the other.
struct UnitTask: TaskWork {
    enum Verb: String, Sendable { case start, stop, restart }

    /// Of one unit; systemd's own limit for starting one is 90 s unless the unit says otherwise.
    private static let patience = Duration.minutes(10)
    /// Without it nobody could be told to start it again.
    private static let ownUnit = "muster-agent.service"

    let verb: Verb

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        let units = task.texts(ServicesTaskKey.units)
        if verb == .stop, units.contains(Self.ownUnit) {
            return .failed("notAllowed", "\(Self.ownUnit) is what would start it again: stop it on the device itself")
        }
        var (failed, last): ([String], Int32?) = ([], nil)
        for (number, unit) in units.enumerated() {
            context.progress(number * 1000 / units.count, "\(verb) \(unit)")
            let end = await context.run(systemctl([verb.rawValue, "--", unit], context))
            if case .exited(let code) = end { last = code }
            if end == .cancelled { return .failed("stopped", "\(unit) and those after it were left as they are") }
            context.print("\(unit): \(Self.words(end, verb))")
            guard end != .exited(0) else { continue }
            failed.append("\(unit) (\(Self.words(end, verb)))")
            if case .exited = end { _ = await context.run(systemctl(["status", "--lines=20", "--", unit], context)) }
        }
        context.progress(1000, "")
        let figures = ["units": Int64(units.count), "failed": Int64(failed.count)]
        if failed.isEmpty { return .succeeded(exitCode: last, figures: figures) }
        let text = "\(failed.count) of \(units.count) failed: \(failed.joined(separator: ", ")); the output says why"
        return .failed("unitFailed", text, exitCode: last, figures: figures)
    }

    private func systemctl(_ arguments: [String], _ context: TaskContext) -> TaskProgram {
        var program = TaskProgram(
            context.root.path("usr/bin/systemctl"), ["--no-pager", "--no-ask-password", "--full"] + arguments)
        program.limit = Self.patience
        return program
    }

    private static func words(_ end: TaskProgram.End, _ verb: Verb) -> String {
        switch end {
        case .exited(0): verb == .stop ? "stopped" : verb == .start ? "started" : "restarted"
        // systemctl's: LSB's code for a unit that is not there.
        case .exited(5): "not found"
        case .exited(let code): "exit code \(code)"
        case .notStarted(let text): text
        case .timedOut: "took longer than \(patience.text)"
        case .cancelled: "left as it is"
        }
    }
}
