import Logging
import MusterModel
import MusterSession
import MusterStore
import NIOCore
import NIOPosix

/// The rooms of the running server, joined; what the API asks of them.
struct ServerHouse: Sendable {
    let context: GatewayContext
    let notices: NoticeIntake
    let socket: UDPSocket
    let store: Store
    /// Of groups, of rules: see `ReadingOrder`.
    let groupReadings = ReadingOrder()
    let ruleReadings = ReadingOrder()
    let manifestReadings = ReadingOrder()
    private let feed: EventFeed
    let secrets: SecretBox
    private let started: Timestamp

    init(
        identity: ServerIdentity, store: Store, pool: NIOThreadPool, options: ServerOptions, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) async throws {
        started = now()
        self.store = store
        socket = UDPSocket(port: options.udpPort)
        let pins = identity.configuration.pins
        let lastAlive = try await store.fetchLastAlive()
        var settings = AgentSettings(pins: pins)
        settings.noticePort = socket.port
        let secrets = identity.secrets
        try await store.sealLegacySettings(secrets, now: started)
        let administration = try await Administration(store)
        self.secrets = secrets
        let directory = DeviceDirectory(
            records: try await store.fetchAllDevices(), applications: try await store.fetchAllDeviceApplications(),
            failures: try await store.fetchLastFailures(),
            manifests: try await store.fetchAllDeviceManifests(),
            installed: try await store.devices(holding: administration.installedConditions), settings: settings,
            administration: administration, pingInterval: options.limits.pingInterval, lastAlive: lastAlive, now: started,
            open: { secrets.open($0) })
        if let lastAlive { try await store.closeLostConnections(lastAlive: lastAlive) }
        let counters = CloseCounters()
        if try await store.hasReceivedDatagrams() { counters.datagramsWereReceived() }
        let history = ConnectionLog(lastNumber: try await store.fetchLastConnectionNumber())
        feed = EventFeed()
        let rollBack = ServerRollBack(store: store, feed: feed)
        let issuer = identity.issuer
        notices = NoticeIntake(
            directory: directory, store: store, pool: pool, counters: counters, last: try await store.fetchLastNotice(),
            logger: logger, now: now)
        let requests = ConnectionRequests(
            directory: directory, key: identity.server.key, socket: socket, rate: options.limits.connectionRequestRate,
            logger: logger, now: now)
        let open = try await store.fetchOpenActions()
        let actions = Actions(
            store: store, directory: directory, reacher: requests, open: open,
            payloads: try await store.payloads(of: open) { secrets.open($0) }, logger: logger, now: now)
        context = GatewayContext(
            directory: directory, actions: actions, history: history,
            events: EventIntake(store: store, directory: directory, feed: feed),
            rollBack: rollBack,
            documents: DocumentIntake(
                store: store, directory: directory, pool: pool, budget: AssemblyBudget(),
                eventsStored: { [feed] in feed.publish(position: $0, count: $1) }),
            enroller: Enroller(store: store, directory: directory, feed: feed, issuer: issuer, pool: pool),
            lost: LostCertificates(
                store: store, directory: directory, feed: feed, rollBack: rollBack, issuer: issuer, pool: pool),
            requests: requests, counters: counters, memory: MemoryTrim(), limits: options.limits, pins: pins, logger: logger,
            now: now)
    }
}

extension ServerHouse: APIBackend {
    var pins: [Fingerprint] { context.pins }

    func liveness(of device: DeviceID) -> DeviceLiveness? {
        guard let entry = context.directory.entry(device) else { return nil }
        var liveness = DeviceLiveness(
            lastConnection: entry.lastConnection, lastSynchronization: entry.lastSynchronization,
            nextSynchronization: entry.nextSynchronization, address: entry.address, connected: entry.channel != nil,
            agentVersion: entry.agentVersion, requestGotThrough: entry.datagrams.requestGotThrough,
            status: context.directory.status(of: device, now: context.now()))
        liveness.isPermanentlyConnected = entry.isPermanentlyConnected
        liveness.isTicked = entry.permanentSince != nil
        return liveness
    }

    func requestConnection(of device: DeviceID) async -> ConnectionRequestOutcome {
        await context.requests.request(device, isOneOfMany: false)
    }

    func devices(in state: ConnectionState) -> [DeviceID] { context.directory.devices(in: state, now: context.now()) }

    func unwrittenConnections(of device: DeviceID) -> [ConnectionRecord] { context.history.unwritten(of: device) }

    func lastRefusal(of device: DeviceID) -> ConnectionRecord? { context.history.lastRefusal(of: device) }

    func status() -> ServerStatusFacts {
        let counts = context.counters.current
        var facts = ServerStatusFacts(
            version: ServerProgram.version, started: started, connections: counts.open, sessions: counts.sessions,
            closes: counts.closes, enrolments: counts.enrolments, eventsStored: feed.stored,
            devicesAhead: context.rollBack.devicesAhead, udpReceiveBufferBytes: counts.udpReceiveBuffer,
            udpReceived: context.counters.hasReceivedDatagrams, states: context.directory.countByState(now: context.now()),
            connectionsUnrecorded: context.history.lost,
            notices: counts.notices, lastNotice: notices.lastReceived)
        facts.permanentlyConnected = context.directory.permanentlyConnected
        return facts
    }

    func deviceDeleted(_ device: DeviceID) async {
        context.actions.forget(device)
        context.directory.deleted(device)?.pipeline.fireUserInboundEventTriggered(
            ConnectionOrder.stop(.deviceDeleted, retryAfter: nil))
    }

    func deviceRevoked(_ device: DeviceID) async {
        context.actions.forget(device)
        context.directory.revoked(device, now: context.now())?.pipeline.fireUserInboundEventTriggered(
            ConnectionOrder.stop(.deviceRevoked, retryAfter: nil))
    }

    func enrolmentTokensChanged() {}

    func watchBegan(_ device: DeviceID) async -> Bool {
        guard context.directory.watchBegan(device) else { return false }
        context.actions.reachOnce(device)
        return true
    }

    func watchEnded(_ device: DeviceID) { context.directory.watchEnded(device) }

    func statistics(of device: DeviceID) -> DeviceStatistics? { context.directory.entry(device)?.statistics }

    func order(
        _ kind: ActionKind, for devices: [DeviceID]?, expires: Timestamp, principal: AuditPrincipal
    ) async throws -> ActionOrderRecord {
        try await context.actions.order(kind, for: devices, expires: expires, principal: principal)
    }

    func cancel(_ order: ActionOrderID, principal: AuditPrincipal) async throws -> Int? {
        try await context.actions.cancel(order, principal: principal)
    }

    func permanentConnectionChanged(_ device: DeviceID, since: Timestamp?, event position: Int64?) {
        context.directory.permanentConnectionChanged(device, since: since)?.tell()
        if since != nil { context.actions.reachOnce(device) }
        if let position { eventStored(at: position) }
    }

    func copiedDevices() -> [CopiedDevice] { context.directory.copied() }

    func copiesSplit(_ device: DeviceID, until end: Timestamp) { context.directory.copiesSplit(device, until: end) }

    func copiesForgotten(_ device: DeviceID) { context.directory.copiesForgotten(device) }

    func eventStored(at position: Int64) { feed.publish(position: position, count: 1) }

    /// Devices are told where to send shutdown notices.
    func udpOpened() {
        let port = socket.port
        for change in context.directory.baseChanged({ $0.noticePort = port }) { change.tell() }
    }

    func eventsStored() -> AsyncStream<Int64> { feed.positions() }
}
