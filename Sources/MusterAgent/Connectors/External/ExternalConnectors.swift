import Logging
import MusterModel
import MusterWire
import Synchronization

/// The connectors of others: looks which there are, keeps each running, and hands their applications to `ConnectorService`.
final class ExternalConnectors: Sendable {
    private let directory: ConnectorDirectory
    private let connectors: ConnectorService
    private let storage: AgentStorage
    private let news: Mailbox<LinkInput>
    private let logger: Logger
    private let limits: ConnectorLimits
    private let now: @Sendable () -> Timestamp
    private let hosts = Mutex<[ApplicationID: ConnectorHost]>([:])
    private let refused = Mutex<[String: String]>([:])
    /// What each application's connector says can be set: as it was told to the server.
    private let manifests = Mutex<[ApplicationID: ExternalManifest]>([:])

    init(
        _ directory: ConnectorDirectory, connectors: ConnectorService, storage: AgentStorage, news: Mailbox<LinkInput>,
        logger: Logger, limits: ConnectorLimits = ConnectorLimits(), now: @escaping @Sendable () -> Timestamp
    ) {
        (self.directory, self.connectors, self.storage, self.news) = (directory, connectors, storage, news)
        (self.logger, self.limits, self.now) = (logger, limits, now)
    }

    /// By name.
    var reports: [ExternalConnectorReport] {
        let running = hosts.withLock { $0 }.map(\.value.report)
        let others = refused.withLock { $0 }.map { ExternalConnectorReport(name: $0.key, refused: $0.value) }
        return (running + others).sorted { $0.name < $1.name }
    }

    /// Until cancelled; none of their processes is left then.
    func run() async {
        let changes = Mailbox<Void> { _, _ in () }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch { changes.put(()) } }
            await settle(&group, isFirst: true)
            while !Task.isCancelled {
                _ = await changes.take(within: limits.scanning)
                guard !Task.isCancelled else { break }
                await settle(&group, isFirst: false)
            }
            group.cancelAll()
        }
    }

    /// The parent as long as the directory is not there, so that its making is seen.
    private func watch(_ changed: () -> Void) async {
        let path = directory.path
        let watcher = PackageWatcher(directories: { [FileStamp(path) == nil ? parent(of: path) : path] })
        for await _ in watcher.changes() { changed() }
    }

    // MARK: Which there are

    private func settle(_ group: inout DiscardingTaskGroup, isFirst: Bool) async {
        let listing = directory.list()
        say(listing.refused)
        let wanted = Dictionary(listing.executables.map { ($0.application, $0) }) { first, _ in first }
        for (application, host) in hosts.withLock({ $0 }) where wanted[application] != host.executable {
            _ = hosts.withLock { $0.removeValue(forKey: application) }
            await host.stop()
            await connectors.remove(application)
        }
        if isFirst { await remember(Set(wanted.keys)) }
        await forget(except: Set(wanted.keys))
        for executable in listing.executables where hosts.withLock({ $0[executable.application] }) == nil {
            let host = host(of: executable)
            hosts.withLock { $0[executable.application] = host }
            // Known from before: its application is shown, and so is that it does not answer.
            if let manifest = manifests.withLock({ $0[executable.application] }) {
                await connectors.add(ExternalConnector(external: manifest, host: host, limits: limits))
            }
            group.addTask { await host.run() }
        }
    }

    /// Each refusal once.
    private func say(_ found: [String: String]) {
        let before = refused.withLock { refused in
            defer { refused = found }
            return refused
        }
        for (name, reason) in found.sorted(by: { $0.key < $1.key }) where before[name] != reason {
            logger.warning("connector.refused", metadata: ["connector": "\(name)", "reason": "\(reason)"])
        }
    }

    private func host(of executable: ConnectorDirectory.Executable) -> ConnectorHost {
        ConnectorHost(executable, limits: limits, logger: logger, now: now) { [weak self] host, news in
            await self?.heard(news, from: host)
        }
    }

    // MARK: What they say

    private func heard(_ news: ConnectorHost.News, from host: ConnectorHost) async {
        let application = host.application
        guard hosts.withLock({ $0[application] === host }) else { return }
        switch news {
        case .greeted(let greeting, let hadFailed):
            await take(greeting.manifest, from: host)
            guard hadFailed else { return }
            await raise(EventType.connectorRecovered, .info, application, [:], "the connector of \(application) works again")
        case .failed(let reason):
            connectors.look(at: application)
            await raise(
                EventType.connectorFailed, .warning, application, ["reason": .text(reason)],
                "the connector of \(application) does not work: \(reason); it is started again by itself")
        case .changed: connectors.look(at: application)
        }
    }

    private func take(_ manifest: ExternalManifest, from host: ConnectorHost) async {
        let isKnown = manifests.withLock { manifests in
            defer { manifests[host.application] = manifest }
            return manifests[host.application] == manifest
        }
        if isKnown, connectors.has(host.application) {
            // What failed while it was away.
            connectors.tryAgain(host.application)
        } else {
            await connectors.add(ExternalConnector(external: manifest, host: host, limits: limits))
        }
        await report()
    }

    private func raise(
        _ type: String, _ severity: Severity, _ application: ApplicationID, _ parameters: Parameters, _ text: String
    ) async {
        let parameters = parameters.merging(["application": .text(application.description)]) { $1 }
        let event = DeviceEvent(type: type, severity: severity, occurred: now(), parameters: parameters, text: text)
        guard (try? await storage.run({ _, spool in try spool.append([event]) })) != nil else { return }
        news.put(.eventsAppended)
    }

    // MARK: What is told to the server

    private func remember(_ wanted: Set<ApplicationID>) async {
        let stored = (try? await storage.run { state, _ in try state.reportedManifests() }) ?? [:]
        manifests.withLock { $0 = stored.filter { wanted.contains($0.key) } }
    }

    /// What is left of connectors that are gone.
    private func forget(except wanted: Set<ApplicationID>) async {
        let gone = manifests.withLock { manifests in
            let gone = manifests.keys.filter { !wanted.contains($0) }
            for application in gone { manifests[application] = nil }
            return gone
        }
        for application in gone {
            let isChanged = try? await storage.run { state, _ in try state.removeApplication(application) }
            if isChanged == true { news.put(.documentsChanged) }
        }
        await report()
    }

    private func report() async {
        let manifests = manifests.withLock { $0 }
        do {
            if try await storage.run({ state, _ in try state.saveManifests(manifests) }) { news.put(.documentsChanged) }
        } catch {
            logger.warning("connector.unreported", metadata: ["error": "\(error)"])
        }
    }
}

/// Manifests as they are reported.
extension SQLiteConnection {
    func reportedManifests() throws(AgentError) -> [ApplicationID: ExternalManifest] {
        var manifests: [ApplicationID: ExternalManifest] = [:]
        let told = try document(.manifests, .current).flatMap { try? $0.manifests() } ?? [:]
        for (application, bytes) in told {
            manifests[application] = try? ExternalManifest(json: bytes)
        }
        return manifests
    }
}

extension AgentState {
    func reportedManifests() throws(AgentError) -> [ApplicationID: ExternalManifest] {
        try database.read { (connection) throws(AgentError) in try connection.reportedManifests() }
    }

    /// - Returns: whether something changed. Without any there is no document until there was one.
    func saveManifests(_ manifests: [ApplicationID: ExternalManifest]) throws(AgentError) -> Bool {
        let document = Document(manifests: manifests.mapValues(\.bytes))
        let current = try reported(.manifests)
        guard (current?.digest ?? Document.empty.digest) != document.digest else { return false }
        try saveReported(.manifests, document)
        return true
    }
}
