import Logging
import MusterModel
import Synchronization

/// The managed applications of this device: each connector runs in a task of its own, so that one that hangs holds up no other.
final class ConnectorService: Sendable {
    /// A call of a connector; systemd asked about 64 units answers within a second, also while the device starts.
    static let standardLimit = Duration.seconds(10)

    private let runners: [ConnectorRunner]
    private let storage: AgentStorage
    private let ceiling: CeilingBoard
    private let news: Mailbox<LinkInput>
    private let logger: Logger

    /// - Parameter news: hears of changed documents and new events.
    init(
        _ connectors: [any Connector], storage: AgentStorage, ceiling: CeilingBoard, news: Mailbox<LinkInput>, logger: Logger,
        limit: Duration = standardLimit, now: @escaping @Sendable () -> Timestamp
    ) {
        self.storage = storage
        self.ceiling = ceiling
        self.news = news
        self.logger = logger
        runners = connectors.map {
            ConnectorRunner($0, storage: storage, ceiling: ceiling, news: news, logger: logger, limit: limit, now: now)
        }
    }

    /// Until cancelled.
    func run() async {
        await forget()
        await withTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { await runner.run() } }
            await group.waitForAll()
        }
    }

    /// Has all of them looked at anew, and waits for it.
    func refresh() async {
        await withTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { await runner.refresh() } }
        }
    }

    /// The server sent settings, or the owner's ceiling is another.
    func settingsMayHaveChanged() { for runner in runners { runner.tell(.settings) } }

    /// An application has news of itself.
    func look(at application: ApplicationID) {
        for runner in runners where runner.application == application { runner.tell(.time) }
    }

    /// The last numbers of each.
    var statistics: [ApplicationID: [String: Int64]] {
        Dictionary(runners.map { ($0.application, $0.statistics) }) { first, _ in first }
    }

    /// Of connectors that this version does not have any more.
    private func forget() async {
        let known = Set(runners.map(\.application))
        let isChanged = try? await storage.run { state, _ in try state.removeApplications(except: known) }
        if isChanged == true { news.put(.documentsChanged) }
    }
}
