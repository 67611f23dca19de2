/// What the events of a run say, by the names of their parameters: `task-started` has the first block, `task-finished` and `task-failed` both.
package struct RunReport: Hashable, Sendable {
    package var run: RunID
    package var task: TaskID
    package var revision: Int64
    package var application: ApplicationID
    package var type: String
    /// Whether the device's schedule began it, or somebody.
    package var isScheduled: Bool
    /// Nil while it runs.
    package var end: End?

    package struct End: Hashable, Sendable {
        package var result: TaskResult
        /// Of the program it ran last; nil: it ran none to its end.
        package var exitCode: Int64?
        /// Why it did not succeed: a code and, for people, a sentence; empty otherwise.
        package var code: String
        package var text: String
        package var duration: Duration
        /// Bytes its programs said; what is kept of them follows by itself. 0: nothing follows.
        package var outputBytes: Int64
        /// Numbers the task has to tell, as `filesScanned`.
        package var figures: [String: Int64]

        package init(
            result: TaskResult, exitCode: Int64? = nil, code: String = "", text: String = "", duration: Duration,
            outputBytes: Int64 = 0, figures: [String: Int64] = [:]
        ) {
            self.result = result
            self.exitCode = exitCode
            self.code = code
            self.text = text
            self.duration = duration
            self.outputBytes = outputBytes
            self.figures = figures
        }
    }

    package init(
        run: RunID, task: TaskID, revision: Int64, application: ApplicationID, type: String, isScheduled: Bool = false,
        end: End? = nil
    ) {
        self.run = run
        self.task = task
        self.revision = revision
        self.application = application
        self.type = type
        self.isScheduled = isScheduled
        self.end = end
    }
}

// MARK: As an event

extension RunReport {
    /// Figures that fit beside the other parameters.
    package static let maximumFigures = 16
    private static let figurePrefix = "figure-"

    /// - Parameter name: the task's.
    package func event(name: String, occurred: Timestamp) -> DeviceEvent {
        var parameters: [String: ParameterValue] = [
            "run": .text(run.description), "task": .text(task.description), "revision": .integer(revision), "name": .text(name),
            "application": .text(application.description), "type": .text(type),
            "origin": .text(isScheduled ? "schedule" : "order"),
        ]
        guard let end else {
            return DeviceEvent(
                type: EventType.taskStarted, severity: .info, occurred: occurred, parameters: parameters,
                text: "task '\(name)' started")
        }
        parameters["result"] = .text(end.result.rawValue)
        parameters["exitCode"] = end.exitCode.map { .integer($0) }
        parameters["code"] = end.code.isEmpty ? nil : .text(end.code)
        parameters["detail"] = end.text.isEmpty ? nil : .text(end.text)
        parameters["duration"] = .duration(end.duration)
        parameters["outputBytes"] = .integer(end.outputBytes)
        for (name, figure) in end.figures.sorted(by: { $0.key < $1.key }).prefix(Self.maximumFigures) {
            parameters[Self.figurePrefix + name] = .integer(figure)
        }
        let hasSucceeded = end.result == .succeeded
        return DeviceEvent(
            type: hasSucceeded ? EventType.taskFinished : EventType.taskFailed, severity: hasSucceeded ? .info : .error,
            occurred: occurred, parameters: parameters, text: "task '\(name)' " + Self.words(end))
    }

    private static func words(_ end: End) -> String {
        let reason = end.text.isEmpty ? "" : ": \(end.text)"
        return switch end.result {
        case .succeeded: "finished"
        case .failed: "failed" + reason
        case .stopped: "was stopped" + reason
        case .timedOut: "took longer than it may and was ended" + reason
        case .interrupted: "was interrupted" + reason
        }
    }

    /// Nil for an event that is none of a run, or that lacks what it should have: a device may say anything.
    package init?(_ event: DeviceEvent) {
        let parameters = event.parameters
        guard [EventType.taskStarted, EventType.taskFinished, EventType.taskFailed].contains(event.type),
            case .text(let run)? = parameters["run"], let run = RunID(run),
            case .text(let task)? = parameters["task"], let task = TaskID(task),
            case .text(let application)? = parameters["application"], let application = ApplicationID(application),
            case .text(let type)? = parameters["type"], ApplicationID(type) != nil
        else { return nil }
        self.init(run: run, task: task, revision: 0, application: application, type: type)
        if case .integer(let revision)? = parameters["revision"] { self.revision = max(0, revision) }
        isScheduled = parameters["origin"] == .text("schedule")
        guard event.type != EventType.taskStarted else { return }
        end = Self.end(parameters)
    }

    private static func end(_ parameters: Parameters) -> End? {
        guard case .text(let result)? = parameters["result"], let result = TaskResult(rawValue: result) else { return nil }
        var end = End(result: result, duration: .zero)
        if case .integer(let code)? = parameters["exitCode"] { end.exitCode = code }
        if case .text(let code)? = parameters["code"] { end.code = code }
        if case .text(let text)? = parameters["detail"] { end.text = text }
        if case .duration(let duration)? = parameters["duration"] { end.duration = max(.zero, duration) }
        if case .integer(let bytes)? = parameters["outputBytes"] { end.outputBytes = max(0, bytes) }
        for (name, value) in parameters {
            guard name.hasPrefix(figurePrefix), case .integer(let figure) = value else { continue }
            end.figures[String(name.dropFirst(figurePrefix.count))] = figure
        }
        return end
    }
}
