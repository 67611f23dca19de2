import Logging
import MusterModel
import Synchronization

/// Runs one connector: hears what happens, and has its application take a turn.
final class ConnectorRunner: Sendable {
    private enum Input: Sendable {
        case occasion(ManagedApplication.Occasion)
        case refresh(CheckedContinuation<Void, Never>)
        case stop

        static func merge(_ last: Input, _ new: Input) -> Input? {
            guard case .occasion(let one) = last, case .occasion(let other) = new, one == other else { return nil }
            return new
        }
    }

    /// Between two comparisons with what was applied, where no change of a file is seen.
    static let comparing = Duration.minutes(1)

    let application: ApplicationID
    private let ends = Mailbox<Void>()
    private let connector: any Connector
    private let line: ConnectorLine
    private let storage: AgentStorage
    private let ceiling: CeilingBoard
    private let news: Mailbox<LinkInput>
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let mailbox = Mailbox<Input>(merge: Input.merge)
    private let numbers = Mutex<[String: Int64]>([:])

    init(
        _ connector: any Connector, storage: AgentStorage, ceiling: CeilingBoard, news: Mailbox<LinkInput>, logger: Logger,
        limit: Duration, now: @escaping @Sendable () -> Timestamp
    ) {
        self.connector = connector
        self.storage = storage
        self.ceiling = ceiling
        self.news = news
        self.logger = logger
        self.now = now
        application = connector.application
        line = ConnectorLine(limit: limit)
    }

    var statistics: [String: Int64] { numbers.withLock { $0 } }

    func tell(_ occasion: ManagedApplication.Occasion) { mailbox.put(.occasion(occasion)) }

    /// Returns when it was looked at anew; at once when nobody runs it any more.
    func refresh() async {
        await withCheckedContinuation { continuation in
            if !mailbox.put(.refresh(continuation)) { continuation.resume() }
        }
    }

    /// Until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.line.run() }
            group.addTask { await self.watchFiles() }
            group.addTask { await self.watchLogs() }
            await serve()
            group.cancelAll()
        }
        for case .refresh(let continuation) in mailbox.close() { continuation.resume() }
        ends.put(())
    }

    /// Returns when it has ended: its call that is under way, too, unless that takes longer than calls may.
    func stop() async {
        mailbox.put(.stop)
        _ = await ends.take(within: ConnectorService.standardLimit * 2)
    }

    private func watchFiles() async {
        let connector = connector
        guard !connector.watch.directories.isEmpty else { return }
        for await _ in PackageWatcher(directories: { connector.watch.directories }).changes() { tell(.files) }
    }

    private func watchLogs() async {
        let connector = connector
        guard connector.watch.logs != nil else { return }
        let watcher = PackageWatcher(
            directories: { connector.watch.logs ?? [] }, quiet: .milliseconds(150), cap: .milliseconds(500),
            pollInterval: .seconds(15), seesWrites: true)
        for await _ in watcher.changes() { tell(.time) }
    }

    private func serve() async {
        var application = ManagedApplication(
            connector, line: line, storage: storage, ceiling: ceiling, logger: logger, now: now
        ) { [mailbox] digest, failure in mailbox.put(.occasion(.late(digest, failure))) }
        while !Task.isCancelled {
            let input = await mailbox.take(within: wait(application))
            guard !Task.isCancelled else {
                if case .refresh(let continuation) = input { continuation.resume() }
                break
            }
            switch input {
            case .occasion(let occasion): await turn(&application, occasion)
            case .refresh(let continuation):
                await turn(&application, .refresh)
                continuation.resume()
            case nil: await turn(&application, .time)
            case .stop: return
            }
        }
    }

    private func wait(_ application: ManagedApplication) -> Duration {
        let wait = min(Self.comparing, application.wait(now: .now) ?? Self.comparing)
        // What was due and could not be done is not done again and again.
        return max(.seconds(1), min(wait, connector.watch.period ?? Self.comparing))
    }

    private func turn(_ application: inout ManagedApplication, _ occasion: ManagedApplication.Occasion) async {
        do {
            let outcome = try await application.turn(occasion, at: .now)
            let statistics = application.statistics
            numbers.withLock { $0 = statistics }
            if outcome.areEventsRaised { news.put(.eventsAppended) }
            if outcome.isDocumentChanged { news.put(.documentsChanged) }
        } catch {
            logger.warning("connector.failed", metadata: ["application": "\(self.application)", "error": "\(error)"])
        }
    }
}
