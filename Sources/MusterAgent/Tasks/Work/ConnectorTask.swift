import MusterModel
import Synchronization

/// A task of an application that somebody else wrote a connector for: the connector's program, started once more, is asked to do it, and tells
/// how far it is. It does not hold up the connector that the agent keeps running, and outlives the agent as any run.
struct ConnectorTask: TaskWork {
    /// Between its answer and its end.
    private static let ending = Duration.seconds(5)

    let directory: ConnectorDirectory

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        let listing = directory.list()
        guard let executable = listing.executables.first(where: { $0.application == task.application }) else {
            let reason = listing.refused[task.application.description] ?? "it is not there"
            return .failed("connectorMissing", "the connector of \(task.application) cannot be started: \(reason)")
        }
        let course = ConnectorTaskCourse(task.application)
        let answered = Mailbox<Void>(merge: { _, _ in })
        var program = TaskProgram(executable.path)
        do throws(ConnectorError) {
            program.input = try ConnectorRequest.run(task).line(id: ConnectorTaskCourse.id)
        } catch { return .failed(error.code, error.text) }
        (program.isStatusOnStandardOutput, program.longestStatus) = (true, ConnectorLimits.maximumLine)
        program.status = { line in
            if course.hear(line, in: context) { answered.put(()) }
        }
        return course.conclusion(await Self.end(of: program, answered, context))
    }

    /// One that goes on after its answer is ended.
    private static func end(of program: TaskProgram, _ answered: Mailbox<Void>, _ context: TaskContext) async -> TaskProgram.End {
        await withTaskGroup(of: TaskProgram.End?.self) { group in
            group.addTask { await context.run(program) }
            group.addTask {
                while !Task.isCancelled {
                    guard await answered.take(within: .hours(1)) != nil else { continue }
                    try? await Task.sleep(for: ending)
                    return nil
                }
                return nil
            }
            var end: TaskProgram.End?
            for await ended in group {
                end = ended ?? end
                group.cancelAll()
            }
            return end ?? .cancelled
        }
    }
}

/// What a connector says while it does one task.
private final class ConnectorTaskCourse: Sendable {
    /// Of the only request.
    static let id: Int64 = 1
    /// Events of one run: as many as a look brings.
    private static let maximumEvents = ConnectorAnswer.maximumEvents

    private struct State {
        var conclusion: TaskConclusion?
        var events = 0
    }

    private let application: ApplicationID
    private let state = Mutex(State())

    init(_ application: ApplicationID) { self.application = application }

    /// - Returns: whether it has said how it ended, or what is none of its lines.
    func hear(_ line: String, in context: TaskContext) -> Bool {
        guard state.withLock({ $0.conclusion == nil }) else { return false }
        do throws(ConnectorError) {
            guard let conclusion = try take(line, context) else { return false }
            state.withLock { $0.conclusion = conclusion }
        } catch {
            state.withLock { $0.conclusion = .failed(error.code, error.text) }
        }
        return true
    }

    private func take(_ line: String, _ context: TaskContext) throws(ConnectorError) -> TaskConclusion? {
        let message: ConnectorMessage
        do throws(ConnectorFault) {
            guard line.utf8.count < ConnectorLimits.maximumLine else {
                throw ConnectorFault("it said a line of more than \(ConnectorLimits.maximumLine) bytes")
            }
            message = try ConnectorMessage(line: Array(line.utf8))
        } catch {
            throw ConnectorError("answer-invalid", "the connector was ended: \(error.text); mend the connector")
        }
        switch message {
        case .answer(Self.id, let answer): return .succeeded(figures: try ConnectorAnswer.figures(answer))
        case .failure(Self.id, let error): return .failed(error.code, error.text)
        case .answer(let id, _), .failure(let id, _):
            throw ConnectorError(
                "answer-invalid", "the connector was ended: it answered request \(id), which was not asked; mend the connector")
        case .notice(ConnectorNotice.progress, let said):
            let progress = try ConnectorAnswer.progress(said)
            context.progress(progress.share, progress.step)
        case .notice(ConnectorNotice.event, let said):
            let event = try ConnectorAnswer.event(said, of: application, now: .now())
            let isFew = state.withLock { state in
                state.events += 1
                return state.events <= Self.maximumEvents
            }
            if isFew { context.raise(event) }
        case .notice: break
        }
        return nil
    }

    func conclusion(_ end: TaskProgram.End) -> TaskConclusion {
        if let said = state.withLock({ $0.conclusion }) { return said }
        return switch end {
        case .exited(let code):
            .failed(
                "connectorFailed", "the connector ended with \(code) and said no answer: its output says more", exitCode: code)
        case .notStarted(let text): .failed("notStarted", "the connector could not be started: \(text)")
        case .timedOut, .cancelled: .failed("stopped", "the connector was ended")
        }
    }
}

extension ConnectorAnswer {
    /// Of the answer to `run`.
    fileprivate static func figures(_ answer: JSONValue) throws(ConnectorError) -> [String: Int64] {
        let said = try members(answer["figures"], "figures")
        guard said.count <= RunReport.maximumFigures else { throw invalid("'figures' are more than \(RunReport.maximumFigures)") }
        var figures: [String: Int64] = [:]
        for (name, value) in said {
            guard let number = value.number, (1...32).contains(name.utf8.count), name.utf8.allSatisfy(\.isASCIILetterOrDigit)
            else { throw invalid("a figure") }
            figures[name] = number
        }
        return figures
    }

    /// A notice `progress`. - Returns: thousandths, nil where nobody knows.
    fileprivate static func progress(_ said: JSONValue) throws(ConnectorError) -> (share: Int?, step: String) {
        let step = try line(said["step"], "the 'step' of a progress", most: 200)
        guard let percent = said["percent"] else { return (nil, step) }
        guard let percent = percent.number, (0...100).contains(percent) else { throw invalid("the 'percent' of a progress") }
        return (Int(percent) * 10, step)
    }
}
