import Logging
import MusterModel
import MusterSession
import MusterTrust
import ServiceLifecycle
import Synchronization

/// The agent while it is not enrolled and a connection file waits: tries to enrol by it until that succeeds, backing off; tells how it
/// stands, and keeps the events of local programs. `run` returns when the device is enrolled, or on graceful shutdown.
final class PendingAgent: ControlHandler {
    private enum Input: Sendable {
        /// Someone asks on the device, and waits for the next attempt.
        case tryNow(CheckedContinuation<Result<ConnectionFileReport, AgentError>, Never>)
        case stop
    }

    private let pending: PendingConnection
    private let storage: AgentStorage
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let started: Timestamp
    private let mailbox = Mailbox<Input>()
    private let stopped = Mutex(false)
    private let attempts = AttemptLog()

    init(
        pending: PendingConnection, storage: AgentStorage, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.pending = pending
        self.storage = storage
        self.logger = logger
        self.now = now
        started = now()
    }

    /// Whether it was told to end, enrolled or not.
    var isStopped: Bool { stopped.withLock { $0 } }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.enrol() }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return }
                self.stopped.withLock { $0 = true }
                self.mailbox.put(.stop)
            }
            await group.next()
            mailbox.put(.stop)
            group.cancelAll()
        }
        for input in mailbox.close() {
            if case .tryNow(let continuation) = input { continuation.resume(returning: .failure(.stopping)) }
        }
    }

    private func enrol() async {
        var backOff = BackOff()
        var waiting: [CheckedContinuation<Result<ConnectionFileReport, AgentError>, Never>] = []
        var generator = SystemRandomNumberGenerator()
        while true {
            let failure: LinkFailure
            do {
                let report = try await attempt()
                logger.notice("enrolled", metadata: ["device.id": "\(report.device)", "server": "\(report.server)"])
                let answer = ConnectionFileReport(device: report.device, server: report.server.description, isNew: true)
                for continuation in waiting { continuation.resume(returning: .success(answer)) }
                return
            } catch {
                failure = error as? LinkFailure ?? LinkFailure(.internalError, ErrorWords.text(of: error))
            }
            let wait = backOff.failed(failure.reason, told: failure.retryAfter, using: &generator)
            await failed(failure, next: now() + wait)
            for continuation in waiting { continuation.resume(returning: .failure(failure.error)) }
            waiting = []
            switch await mailbox.take(within: wait) {
            case .tryNow(let continuation): waiting.append(continuation)
            case .stop: return
            case nil: if Task.isCancelled { return }
            }
        }
    }

    /// Reads the file anew each time: another may have been put in its place.
    private func attempt() async throws -> EnrolReport {
        let pending = pending
        attempts.began()
        let (file, key) = try await storage.run { state, _ in
            (try pending.file(), try AgentProgram.pendingKey(in: state))
        }
        guard let file else { throw LinkFailure(.tokenUnknown, "the connection file \(pending.path) is gone") }
        let token: EnrolmentTokenText
        do { token = try EnrolmentTokenText(file.token) } catch { throw LinkFailure(.tokenUnknown, error.reason) }
        let options = EnrolOptions(stateDirectory: pending.path, file: file)
        let report = try await Enroller(options: options, token: token, key: key, state: storage.state, attempts: attempts)
            .attempt()
        pending.remove()
        return report
    }

    private func failed(_ failure: LinkFailure, next: Timestamp) async {
        logger.warning(
            "enrolment.failed",
            metadata: ["close.reason": "\(failure.reason.code)", "text": "\(failure.text)", "next": "\(next)"])
        let now = now()
        _ = try? await storage.run { state, _ in
            try state.update { facts in
                facts.failure = ConnectionFailure(
                    after: facts.failure, reason: failure.reason, text: failure.text, now: now, nextTry: next)
            }
        }
    }

    // MARK: The control socket

    func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport {
        try await withCheckedContinuation { continuation in
            if !mailbox.put(.tryNow(continuation)) { continuation.resume(returning: .failure(.stopping)) }
        }.get()
    }

    func status() async throws(AgentError) -> StatusReport {
        let (pending, started, attempts) = (pending, started, attempts.attempts)
        return try await storage.run { state, spool in
            var report = try StatusReport.make(state: state, spool: spool, running: true)
            report.started = started
            report.attempts = attempts
            if let file = try? pending.file() {
                report.servers = file.servers.map(\.description)
                report.pins = file.pins
                report.package = file.package
            }
            return report
        }
    }

    /// As before enrolment: as far as the server's key.
    func check() async throws(AgentError) -> CheckReport {
        let pending = pending
        let file = try await storage.run { _, _ in try pending.file() }
        guard let file else { throw AgentError(.connectionFileInvalid, "the connection file \(pending.path) is gone") }
        let subject = CheckSubject(origin: .given, servers: file.servers, proxy: file.proxy, pins: file.pins)
        return await CheckRun(subject: subject).report()
    }

    func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport {
        let position = try await storage.run { _, spool in try spool.append([event]) }
        return RaiseReport(epoch: position.epoch, sequence: position.next - 1)
    }

    /// No server knows this device yet.
    func suspend() async throws(AgentError) {}
    func resume() async throws(AgentError) {}

    func synchronize() async throws(AgentError) -> SyncReport {
        throw AgentError(.notEnrolled, "this device is not enrolled yet: see muster-agent status")
    }
}
