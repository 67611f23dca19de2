import Logging
import NIOPosix
import Synchronization

/// Everything that changes the database goes through here: callers queue, and whoever waits when a transaction begins goes into it. The
/// longer a commit takes, the more share the next one. In which order, `WriteQueue` says.
///
/// All of it runs on one thread of its own. Callers are told after the commit, never before.
final class Writer: Sendable {
    private struct State {
        var waiting = WriteQueue()
        var isRunning = false
        /// Why nothing is taken any more.
        var end: StoreError?
        var reported: (code: StoreError.Code, at: ContinuousClock.Instant)?
    }

    /// Callers of each kind in one transaction. 256 share the price of one fsync (about 1 ms) and lose no more than that many on a failure.
    static let batchLimit = 256
    /// After so long no further caller is taken into a transaction: whoever comes next waits no longer than for this and a commit. A list of
    /// 900 applications takes 10 ms, and those of one transaction share the pages that they change.
    static let longestTransaction = Duration.milliseconds(250)
    /// Callers that may wait: about two seconds of work. Each one is a suspended task with its values, a few KiB.
    static let waitingLimit = 8192

    private let slot: ConnectionSlot
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())
    private let logger: Logger
    private let onFatal: @Sendable (StoreError) -> Void

    init(_ database: any Database, logger: Logger, onFatal: @escaping @Sendable (StoreError) -> Void) {
        slot = ConnectionSlot(database, for: .writing)
        self.logger = logger
        self.onFatal = onFatal
        thread.start()
    }

    /// Never blocks. The job is told sooner or later, whatever happens.
    func submit(_ job: WriteJob) {
        enum Next { case start, wait, refuse(StoreError) }
        let next: Next = state.withLock { state in
            if let end = state.end { return .refuse(end) }
            if state.waiting.count >= Self.waitingLimit { return .refuse(.busy(waiting: state.waiting.count)) }
            state.waiting.append(job)
            if state.isRunning { return .wait }
            state.isRunning = true
            return .start
        }
        switch next {
        case .start: thread.submit { _ in self.runWaiting() }
        case .wait: break
        case .refuse(let error): job.fail(error)
        }
    }

    /// Runs on the writer's thread with nothing around it: migrations.
    func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await withCheckedContinuation { continuation in
            thread.submit { _ in
                continuation.resume(returning: Result { () throws(StoreError) in try self.slot.use(body) })
            }
        }.get()
    }

    /// What waits is still written; what comes later is refused.
    func close() async {
        state.withLock { state in
            if state.end == nil { state.end = .closed }
        }
        await withCheckedContinuation { continuation in
            thread.submit { _ in
                self.slot.close()
                continuation.resume()
            }
        }
        try? await thread.shutdownGracefully()
    }

    private func runWaiting() {
        while let turn = takeTurn() {
            do throws(StoreError) {
                let (tellings, rest) = try slot.use { connection throws(StoreError) in
                    try WriteBatch(turn: turn).commit(on: connection, within: Self.longestTransaction)
                }
                state.withLock { $0.waiting.putBack(rest) }
                for tell in tellings { tell() }
                tidy()
            } catch {
                failed(error, jobs: turn.all)
            }
        }
    }

    /// What cannot be tidied for want of room stays in the log and is safe there.
    private func tidy() {
        do throws(StoreError) {
            try slot.use { connection throws(StoreError) in try connection.tidy() }
        } catch {
            report("database checkpoint failed", error)
            if error.code == .io { stop(error) }
        }
    }

    private func takeTurn() -> WriteQueue.Turn? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            return state.waiting.take(Self.batchLimit)
        }
    }

    private func failed(_ error: StoreError, jobs: [WriteJob]) {
        report("database transaction failed", error)
        if error.code == .io { stop(error) }
        for job in jobs { job.fail(error) }
    }

    /// A disk that is full, or a database that is away, fails each transaction: said once in ten seconds.
    private func report(_ message: Logger.Message, _ error: StoreError) {
        let isNews = state.withLock { state in
            if let last = state.reported, last.code == error.code, .now - last.at < .seconds(10) { return false }
            state.reported = (error.code, .now)
            return true
        }
        if isNews { logger.error(message, metadata: error.metadata) }
    }

    /// After a failed write or fsync nobody knows what is on the disk. Nothing is tried again; the process ends and recovers at its start.
    private func stop(_ error: StoreError) {
        let waiting = state.withLock { state in
            state.end = error
            return state.waiting.removeAll()
        }
        onFatal(error)
        for job in waiting { job.fail(error) }
    }
}

extension StoreError {
    var metadata: Logger.Metadata { ["error.code": "\(code.rawValue)", "error.reason": "\(reason)"] }
}
