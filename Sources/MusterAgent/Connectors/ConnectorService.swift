import Logging
import MusterModel
import Synchronization

/// The managed applications of this device: each connector runs in a task of its own, so that one that hangs holds up no other.
final class ConnectorService: Sendable {
    /// A call of a connector; systemd asked about 64 units answers within a second, also while the device starts.
    static let standardLimit = Duration.seconds(10)

    private let runners: Mutex<[ConnectorRunner]>
    /// Those that came after the start: a few, each taken at once.
    private let arrivals: AsyncStream<ConnectorRunner>
    private let arriving: AsyncStream<ConnectorRunner>.Continuation
    private let make: @Sendable (any Connector) -> ConnectorRunner
    /// Applications whose connectors come after the start.
    private let expected: Set<ApplicationID>
    private let storage: AgentStorage
    private let ceiling: CeilingBoard
    private let news: Mailbox<LinkInput>
    private let logger: Logger

    /// - Parameters:
    ///   - expected: applications whose connectors come after the start: what was reported of them stands until then.
    ///   - news: hears of changed documents and new events.
    init(
        _ connectors: [any Connector], expecting expected: Set<ApplicationID> = [], storage: AgentStorage, ceiling: CeilingBoard,
        news: Mailbox<LinkInput>, logger: Logger,
        limit: Duration = standardLimit, now: @escaping @Sendable () -> Timestamp
    ) {
        self.storage = storage
        self.ceiling = ceiling
        self.news = news
        self.logger = logger
        self.expected = expected
        (arrivals, arriving) = AsyncStream.makeStream()
        make = { connector in
            ConnectorRunner(connector, storage: storage, ceiling: ceiling, news: news, logger: logger, limit: limit, now: now)
        }
        runners = Mutex(connectors.map(make))
    }

    private var standing: [ConnectorRunner] { runners.withLock { $0 } }

    /// Until cancelled.
    func run() async {
        await forget()
        await withDiscardingTaskGroup { group in
            for runner in standing { group.addTask { await runner.run() } }
            for await runner in arrivals { group.addTask { await runner.run() } }
        }
    }

    /// One that came after the start, in the place of the one its application had.
    func add(_ connector: any Connector) async {
        await remove(connector.application)
        let runner = make(connector)
        runners.withLock { $0.append(runner) }
        arriving.yield(runner)
    }

    /// What was reported of the application stands. Returns when its connector is not asked any more.
    func remove(_ application: ApplicationID) async {
        let gone = runners.withLock { runners in
            let gone = runners.filter { $0.application == application }
            runners.removeAll { $0.application == application }
            return gone
        }
        for runner in gone { await runner.stop() }
    }

    /// Has all of them looked at anew, and waits for it.
    func refresh() async {
        await withTaskGroup(of: Void.self) { group in
            for runner in standing { group.addTask { await runner.refresh() } }
        }
    }

    /// The server sent settings, or the owner's ceiling is another.
    func settingsMayHaveChanged() { for runner in standing { runner.tell(.settings) } }

    /// An application has news of itself.
    func look(at application: ApplicationID) {
        for runner in standing where runner.application == application { runner.tell(.time) }
    }

    func has(_ application: ApplicationID) -> Bool { standing.contains { $0.application == application } }

    /// What was in the way of its settings may be gone.
    func tryAgain(_ application: ApplicationID) {
        for runner in standing where runner.application == application { runner.tell(.files) }
    }

    /// The last numbers of each.
    var statistics: [ApplicationID: [String: Int64]] {
        Dictionary(standing.map { ($0.application, $0.statistics) }) { first, _ in first }
    }

    /// Of connectors that this version does not have any more.
    private func forget() async {
        let known = expected.union(standing.map(\.application))
        let isChanged = try? await storage.run { state, _ in try state.removeApplications(except: known) }
        if isChanged == true { news.put(.documentsChanged) }
    }
}
