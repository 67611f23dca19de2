import Logging
import MusterModel
import MusterWire
import ServiceLifecycle

/// The running agent: link, inventory and watcher as one service; also what the control socket asks.
struct AgentService: Service, ControlHandler {
    /// For the event to leave; the device waits for it to go to sleep.
    private static let suspendPatience = Duration.milliseconds(1500)

    let storage: AgentStorage
    let mailbox = Mailbox<LinkInput>(merge: LinkInput.merge)
    private let inventory: Inventory
    let logger: Logger
    private let link: Link
    private let collections: AsyncStream<Void>
    private let trials: TrialService
    private let requests = RequestBoard()
    private let listener: RequestListener
    private let notices: NoticeSender
    private let program: SystemProgram
    let now: @Sendable () -> Timestamp
    private let started: Timestamp
    private let pending: PendingConnection?
    let ceiling: CeilingBoard
    let connectors: ConnectorService
    private let external: ExternalConnectors
    private let packages: PackageSurvey
    let tasks: TaskService
    /// Rung when other parts of the inventory are wanted.
    private let inventoryChanges: AsyncStream<Void>
    private let inventoryBell: AsyncStream<Void>.Continuation

    init(
        storage: AgentStorage, pending: PendingConnection? = nil,
        inventory: Inventory = Inventory(agentVersion: AgentVersion.current), program: SystemProgram = SystemProgram(),
        configuration: AgentConfiguration = AgentConfiguration(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.storage = storage
        self.inventory = inventory
        self.logger = logger
        self.program = program
        self.now = now
        self.pending = pending
        started = now()
        let (collections, collecting) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.collections = collections
        let runID = UInt64.random(in: 1 ... .max)
        listener = RequestListener(
            storage: storage, board: requests, firewall: DeviceFirewall(program: program, logger: logger), mailbox: mailbox,
            logger: logger, now: now)
        notices = NoticeSender(storage: storage, board: requests, runID: runID, logger: logger, now: now)
        let (wakes, trying) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (inventoryChanges, inventoryBell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let ceiling = CeilingBoard(CeilingFile(directory: configuration.directory, owner: configuration.owner))
        self.ceiling = ceiling
        let agent = NetworkAgentConnector(
            storage: storage, requests: requests, ceiling: ceiling, tryOut: { trying.yield() },
            inventoryChanged: { [inventoryBell] in inventoryBell.yield() })
        let services = ServicesConnector(
            directory: configuration.directory, program: program, root: RootPath(configuration.root))
        packages = PackageSurvey(program: program, root: RootPath(configuration.root))
        let apt = APTConnector(packages, program: program, root: RootPath(configuration.root))
        let clamAV = ClamAVConnector(directory: configuration.directory, program: program, root: RootPath(configuration.root))
        let others = ConnectorDirectory(path: configuration.connectors)
        let connectors = ConnectorService(
            [agent, services, apt, clamAV], expecting: Set(others.list().executables.map(\.application)), storage: storage,
            ceiling: ceiling, news: mailbox, logger: logger, now: now)
        self.connectors = connectors
        let tasks = TaskService(
            storage: storage, ceiling: ceiling,
            launcher: RunLauncher(program: program, root: RootPath(configuration.root), executable: configuration.executable),
            directory: storage.directory, connectors: configuration.connectors, news: mailbox, logger: logger, now: now)
        self.tasks = tasks
        external = ExternalConnectors(
            others, connectors: connectors, storage: storage, news: mailbox, logger: logger, now: now)
        link = Link(
            storage: storage, mailbox: mailbox, requests: requests, agentVersion: AgentVersion.current, runID: runID,
            bootID: BootID.read(), logger: logger, now: now, collect: { collecting.yield() }, tryOut: { trying.yield() },
            settings: LinkSettings(
                ceiling: { ceiling.ceiling }, held: { connectors.settingsMayHaveChanged() },
                settled: { connectors.look(at: .networkAgent) }, statistics: { connectors.statistics }),
            tasks: LinkTasks(
                wake: { tasks.wake() }, progress: { tasks.progress }, output: { tasks.output(of: $0) },
                forgetOutput: { tasks.forgetOutput(of: $0) }))
        trials = TrialService(
            storage: storage, mailbox: mailbox, wakes: wakes, logger: logger, now: now,
            giveUp: { [link] settings, failure, attempts in await link.reject(settings, failure, attempts: attempts) })
        // What was on trial when the agent stopped goes on.
        trying.yield()
    }

    func run() async throws {
        if let known = try? await storage.run({ state, _ in try KnownRequests(state) }) {
            requests.learn(known, clock: nil, now: now())
        }
        await settleCeiling()
        let port = await listener.open()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await connectors.run() }
            group.addTask { await external.run() }
            group.addTask { await packages.run { connectors.look(at: .apt) } }
            await refresh()
            await link.raise(EventType.agentStarted, .info, "the agent started", ["version": .text(AgentVersion.current)])
            group.addTask { await watch() }
            group.addTask { await watchCeiling() }
            group.addTask { for await _ in inventoryChanges { await refreshInventory() } }
            group.addTask { await watchWhereabouts() }
            group.addTask { await collect() }
            group.addTask { await trials.run() }
            group.addTask { await tasks.run() }
            group.addTask { await link.run() }
            group.addTask {
                await listener.run(port, portChanged: refresh, settled: { connectors.look(at: .networkAgent) })
            }
            // Cancelled, it ends at once.
            if (try? await gracefulShutdown()) != nil { await sayGoodbye() }
            mailbox.put(.stop)
            group.cancelAll()
        }
        await storage.close()
    }

    /// What is raised last leaves with a last session where the server is there; else it waits in the spool. The notice comes after it, so
    /// that it is the last the server hears; where the session takes long another goes before.
    private func sayGoodbye() async {
        let kind = await PendingJob.read(program, logger: logger)
        await raiseStopped(kind, "the agent stopped")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { if (try? await Task.sleep(for: .seconds(1))) != nil { await notices.send(kind) } }
            await withTimeout(.seconds(5)) {
                // Not the managed applications: systemd, which would be asked for them, is busy stopping them.
                await refreshInventory()
                _ = try? await synchronizeNow()
            }
            group.cancelAll()
        }
        await notices.send(kind)
    }

    private func raiseStopped(_ kind: AbsenceNotice.Kind, _ text: String) async {
        await link.raise(EventType.agentStopped, .info, "\(text): \(kind.code)", ["reason": .text(kind.code)])
    }

    private func watch() async {
        let watcher = PackageWatcher(sources: inventory.sources)
        for await _ in watcher.changes() { await refresh() }
    }

    private func watchWhereabouts() async {
        var known = Whereabouts.read()
        while (try? await Task.sleep(for: Whereabouts.period)) != nil {
            let found = Whereabouts.read()
            defer { known = found }
            guard found.isNews(after: known) else { continue }
            logger.info("device.moved", metadata: ["addresses": "\(found.addresses.joined(separator: ", "))"])
            guard (try? await Task.sleep(for: Whereabouts.spread * Double.random(in: 0...1))) != nil else { return }
            await refresh()
            mailbox.put(.moved)
        }
    }

    /// What actions ask for, one at a time; those that ask meanwhile get the next one.
    private func collect() async {
        for await _ in collections {
            await refresh()
            mailbox.put(.collected)
        }
    }

    private func refresh() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await refreshInventory() }
            group.addTask { await connectors.refresh() }
        }
    }

    func refreshInventory() async {
        let (now, ceiling) = (now(), ceiling.ceiling)
        var current = inventory
        current.additionalFacts[SystemFact.udpPort] = .integer(Int64(requests.udpPort))
        let inventory = current
        do {
            let refresh = try await storage.run { state, spool in
                var inventory = inventory
                inventory.settings = ceiling.limiting(try state.settingsInForce()?.inventory ?? InventorySettings())
                return try inventory.refresh(state: state, spool: spool, now: now)
            }
            for failure in refresh.failures { logger.warning("inventory.failed", metadata: ["error": "\(failure)"]) }
            if refresh.position != nil { mailbox.put(.eventsAppended) }
            if !refresh.changed.isEmpty { mailbox.put(.documentsChanged) }
        } catch {
            logger.warning("inventory.failed", metadata: ["error": "\(error)"])
        }
    }

    private func withTimeout(_ time: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            mailbox.put(.stop)
            group.cancelAll()
        }
    }

    // MARK: The control socket

    func synchronize() async throws(AgentError) -> SyncReport {
        await refresh()
        return try await synchronizeNow()
    }

    private func synchronizeNow() async throws(AgentError) -> SyncReport {
        try await withCheckedContinuation { continuation in
            if !mailbox.put(.synchronize(continuation)) { continuation.resume(returning: .failure(.stopping)) }
        }.get()
    }

    func status() async throws(AgentError) -> StatusReport {
        var report = try await storage.run { state, spool in
            try StatusReport.make(state: state, spool: spool, running: true)
        }
        report.started = started
        report.attempts = link.attempts.attempts
        report.connection = link.standing.connection.map(ConnectionReport.init)
        report.connectionRequests = requests.report
        report.ceiling = CeilingReport(ceiling.standing)
        report.externalConnectors = external.reports
        return report
    }

    func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport {
        guard let pending else { throw AgentError(.notSupported, "this agent takes no connection file") }
        let (device, first) = try await storage.run { state, _ in
            guard let file = try pending.file(), let identity = try state.identity() else {
                throw AgentError(.connectionFileInvalid, "there is no connection file \(pending.path)")
            }
            do { try state.take(file) } catch {
                pending.setAside()
                throw error
            }
            pending.remove()
            return (identity.device, file.servers.first)
        }
        _ = try await synchronize()
        return ConnectionFileReport(device: device, server: first?.description ?? "the server", isNew: false)
    }

    /// The event leaves first: what the server hears last is the notice.
    func suspend() async throws(AgentError) {
        await raiseStopped(.suspend, "the device is suspended")
        let deadline = ContinuousClock.now + Self.suspendPatience
        while ContinuousClock.now < deadline {
            let position = try await storage.run { _, spool in try spool.position() }
            if position.firstHeld == position.next { break }
            try? await Task.sleep(for: .milliseconds(50))
        }
        await notices.send(.suspend)
    }

    func resume() async throws(AgentError) {
        await refresh()
        mailbox.put(.moved)
    }

    func check() async throws(AgentError) -> CheckReport {
        let subject = try await storage.run { state, _ in try CheckSubject(state, origin: .running) }
        let status = try await status()
        return await CheckRun(
            subject: subject, link: LinkReport(status), requests: UDPSeen.Requests(requests.report),
            synchronize: {
                do throws(AgentError) { return .success(try await self.synchronize()) } catch { return .failure(error) }
            }, now: now
        ).report()
    }

    func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport {
        let position = try await storage.run { _, spool in try spool.append([event]) }
        mailbox.put(.eventsAppended)
        return RaiseReport(epoch: position.epoch, sequence: position.next - 1)
    }
}
