import Logging
import MusterModel
import MusterStore
import NIOCore
import NIOPosix
import ServiceLifecycle

/// What runs while the server serves: its rooms, what listens, and what looks after liveness and certificates. Who starts it owns the
/// store and the pool.
struct ServerServices: Sendable {
    let house: ServerHouse
    let gateway: Gateway
    let notices: NoticeListener
    let api: APIServer
    let flush: LivenessFlush
    let beat: ServerBeat
    let retention: Retention
    let renewal: OwnCertificateRenewal

    init(
        identity: ServerIdentity, store: Store, pool: NIOThreadPool, options: ServerOptions, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        beatSleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) async throws {
        house = try await ServerHouse(
            identity: identity, store: store, pool: pool, options: options, logger: logger, now: now)
        let group = MultiThreadedEventLoopGroup.singleton
        let agents = TLSContextHolder(try identity.server.servedToAgents(now: now()))
        gateway = Gateway(
            context: house.context, tls: agents, host: options.listen, port: options.agentPort, group: group, bound: BoundPort())
        notices = NoticeListener(
            intake: house.notices, counters: house.context.counters, socket: house.socket, host: options.listen,
            port: options.udpPort, group: group, bound: BoundPort(), opened: house.udpOpened, logger: logger)
        var configuration = APIServerConfiguration(
            host: options.listen, port: options.httpsPort, certificate: try identity.api.forAPI(now: now()))
        configuration.packages = PackageSources(agentBase: options.agentBase, serverCertificate: { agents.current.der })
        api = try APIServer.make(
            configuration: configuration, store: store, backend: house, logger: logger, now: now)
        flush = LivenessFlush(
            directory: house.context.directory, history: house.context.history, counters: house.context.counters, store: store,
            memory: house.context.memory, logger: logger, now: now)
        beat = ServerBeat(house: house, now: now, sleep: beatSleep)
        retention = Retention(
            store: store, history: house.context.history, policy: options.retention, logger: logger, now: now)
        renewal = OwnCertificateRenewal(
            identity: identity, agents: agents, api: api, pool: pool, logger: logger, now: now, sleep: sleep)
    }

    /// In the order they start in; they end in the reverse.
    var all: [any Service] { [flush, beat, retention, renewal, house.context.actions, notices, api, gateway] }
}
