import Logging
import MusterModel
import Synchronization

/// Keeps one connector's program running, and asks it: one request at a time, each with a limit. One that hangs, dies or says nonsense is
/// ended and started again after a while.
final class ConnectorHost: Sendable {
    /// What it tells of itself.
    enum News: Sendable {
        /// It answered `hello`; whether it had failed before.
        case greeted(ConnectorAnswer.Greeting, hadFailed: Bool)
        /// The first time, or after it had worked.
        case failed(String)
        case changed
    }

    private struct Question: Sendable {
        let id: Int64
        let answer = Mailbox<Result<JSONValue, ConnectorError>>()
    }

    private struct State: Sendable {
        /// It answered `hello`.
        var process: ConnectorProcess?
        var greeting: ConnectorAnswer.Greeting?
        var since: Timestamp?
        /// The same by the steady clock.
        var worksSince: ContinuousClock.Instant?
        var question: Question?
        var lastID: Int64 = 0
        var starts = 0
        /// Why it does not run; nil: it does, or starts for the first time.
        var failure: String?
        /// Who wait for the first of either.
        var waiting: [Mailbox<Void>] = []
    }

    let executable: ConnectorDirectory.Executable
    private let limits: ConnectorLimits
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let listener: @Sendable (ConnectorHost, News) async -> Void
    private let state = Mutex(State())
    private let stops = Mailbox<Void>()
    private let ends = Mailbox<Void>()
    private let changes = Mailbox<Void> { _, _ in () }

    init(
        _ executable: ConnectorDirectory.Executable, limits: ConnectorLimits, logger: Logger,
        now: @escaping @Sendable () -> Timestamp, listener: @escaping @Sendable (ConnectorHost, News) async -> Void
    ) {
        (self.executable, self.limits, self.now, self.listener) = (executable, limits, now, listener)
        var logger = logger
        logger[metadataKey: "connector"] = "\(executable.application)"
        self.logger = logger
    }

    private func tell(_ news: News) async { await listener(self, news) }

    var application: ApplicationID { executable.application }
    var greeting: ConnectorAnswer.Greeting? { state.withLock { $0.greeting } }

    var report: ExternalConnectorReport {
        state.withLock { state in
            ExternalConnectorReport(
                name: application.description, version: state.greeting?.manifest.version, running: state.process != nil,
                since: state.since, starts: state.starts, failure: state.failure)
        }
    }

    // MARK: Running

    /// Until cancelled, or stopped; its process has ended then.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keep() }
            group.addTask { await self.heedChanges() }
            group.addTask { while !Task.isCancelled, await self.stops.take(within: .hours(1)) == nil {} }
            await group.next()
            group.cancelAll()
        }
        ends.put(())
    }

    /// Returns when it has ended, and its process with it.
    func stop() async {
        stops.put(())
        _ = await ends.take(within: limits.ending + .seconds(10))
    }

    private func keep() async {
        var course = RestartCourse(limits)
        while !Task.isCancelled {
            let (reason, worked) = await runOnce()
            guard !Task.isCancelled else { return }
            let wait = course.ended(afterWorking: worked)
            let isNews = failed(reason)
            logger.warning("connector.ended", metadata: ["reason": "\(reason)", "next": "\(wait.text)"])
            if isNews { await tell(.failed(reason)) }
            try? await Task.sleep(for: wait)
        }
    }

    /// - Returns: why it ended, and how long it had worked; nil: it never did.
    private func runOnce() async -> (reason: String, worked: Duration?) {
        state.withLock { $0.starts += 1 }
        let process: ConnectorProcess
        do throws(ConnectorFault) {
            process = try await ConnectorProcess.start(executable.path) { [logger] line in
                logger.notice("connector.says", metadata: ["text": "\(line)"])
            }
        } catch { return (error.text, nil) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.greet(process) }
            group.addTask { await Self.watch(process) }
            for await line in process.lines { hear(line, from: process) }
            group.cancelAll()
        }
        let worked = withdraw().map { $0.duration(to: .now) }
        return (await process.end(patience: limits.ending), worked)
    }

    /// A process that it started may hold its pipes open.
    private static func watch(_ process: ConnectorProcess) async {
        var hadEnded = false
        while (try? await Task.sleep(for: .seconds(5))) != nil {
            // What it said at last is still on its way the first time.
            if process.hasEnded, hadEnded { return process.fail("it ended, and left a process behind") }
            hadEnded = process.hasEnded
        }
    }

    private func greet(_ process: ConnectorProcess) async {
        do throws(ConnectorError) {
            let answer = try await ask(.hello, of: process, within: limits.answering)
            let greeting = try ConnectorAnswer.greeting(answer, of: application)
            let (hadFailed, waiting) = state.withLock { state in
                defer {
                    (state.process, state.greeting, state.since, state.worksSince) = (process, greeting, now(), .now)
                    (state.failure, state.waiting) = (nil, [])
                }
                return (state.failure != nil, state.waiting)
            }
            for mailbox in waiting { mailbox.put(()) }
            logger.info("connector.started", metadata: ["version": "\(greeting.manifest.version)"])
            await tell(.greeted(greeting, hadFailed: hadFailed))
        } catch {
            // One that ended has its own reason.
            if error.code != Self.notRunningCode { process.fail(error.text) }
        }
    }

    /// - Returns: whether that was not known.
    private func failed(_ reason: String) -> Bool {
        let (isNews, waiting) = state.withLock { state in
            defer { (state.failure, state.waiting) = (reason, []) }
            return (state.failure == nil, state.waiting)
        }
        for mailbox in waiting { mailbox.put(()) }
        return isNews
    }

    /// Nothing more comes of what was asked. - Returns: since when it worked; nil: it never did.
    private func withdraw() -> ContinuousClock.Instant? {
        let (question, since) = state.withLock { state in
            defer { (state.process, state.question, state.worksSince, state.lastID) = (nil, nil, nil, 0) }
            return (state.question, state.worksSince)
        }
        question?.answer.put(.failure(Self.notRunning("it ended before it answered")))
        return since
    }

    // MARK: Talking

    private func hear(_ line: ControlLine, from process: ConnectorProcess) {
        guard !process.hasFailed else { return }
        guard case .line(let bytes) = line else {
            return process.fail("it said a line of more than \(ConnectorLimits.maximumLine) bytes")
        }
        do throws(ConnectorFault) {
            switch try ConnectorMessage(line: bytes) {
            case .answer(let id, let answer): try hear(.success(answer), to: id)
            case .failure(let id, let error): try hear(.failure(error), to: id)
            case .notice(ConnectorNotice.changed, _): changes.put(())
            case .notice: break
            }
        } catch {
            process.fail(error.text)
        }
    }

    private func hear(_ answer: Result<JSONValue, ConnectorError>, to id: Int64) throws(ConnectorFault) {
        let question = state.withLock { state in
            guard state.question?.id == id else { return nil as Question? }
            defer { state.question = nil }
            return state.question
        }
        guard let question else { throw ConnectorFault("it answered request \(id), which was not asked") }
        question.answer.put(answer)
    }

    private func heedChanges() async {
        while !Task.isCancelled {
            guard await changes.take(within: .hours(1)) != nil else { continue }
            await tell(.changed)
            try? await Task.sleep(for: limits.changing)
        }
    }

    /// While it starts for the first time, waits for that.
    func ask(_ request: ConnectorRequest, within limit: Duration) async throws(ConnectorError) -> JSONValue {
        let deadline = ContinuousClock.now + limit
        let mailbox = Mailbox<Void>()
        let isStarting = state.withLock { state in
            guard state.process == nil, state.failure == nil else { return false }
            state.waiting.append(mailbox)
            return true
        }
        if isStarting { _ = await mailbox.take(within: limit) }
        let (process, failure) = state.withLock { ($0.process, $0.failure) }
        guard let process else { throw Self.notRunning(failure ?? "it has not started yet") }
        return try await ask(request, of: process, within: ContinuousClock.now.duration(to: deadline))
    }

    private func ask(
        _ request: ConnectorRequest, of process: ConnectorProcess, within limit: Duration
    ) async throws(ConnectorError) -> JSONValue {
        let question = state.withLock { state in
            guard state.question == nil else { return nil as Question? }
            state.lastID += 1
            state.question = Question(id: state.lastID)
            return state.question
        }
        guard let question else { throw Self.notRunning("it has not answered the last request yet") }
        process.send(request.line(id: question.id))
        let answer = await question.answer.take(within: limit)
        if let answer = answer ?? question.answer.close().first { return try answer.get() }
        guard !Task.isCancelled else { throw Self.notRunning("the agent stops") }
        let reason = "it did not answer '\(request.name)' within \(limits.text(of: request))"
        process.fail(reason)
        throw ConnectorError("connectorTimeout", "\(reason): it is started again")
    }

    /// It is ended, and started again.
    func renew(_ reason: String) { state.withLock { $0.process }?.fail(reason) }

    private static let notRunningCode = "connectorNotRunning"

    private static func notRunning(_ reason: String) -> ConnectorError {
        ConnectorError(notRunningCode, "the connector does not run: \(reason); it is started again by itself")
    }
}

extension ConnectorLimits {
    func limit(of request: ConnectorRequest) -> Duration {
        request.name == ConnectorRequest.apply ? applying : answering
    }

    fileprivate func text(of request: ConnectorRequest) -> String { limit(of: request).text }
}

extension ConnectorRequest {
    static var hello: Self {
        Self(
            name: helloName,
            members: ["protocol": .number(ConnectorAnswer.version), "agent": .text(AgentVersion.current)])
    }
}
