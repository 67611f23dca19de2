import Logging
import MusterModel
import MusterSession
import NIOCore
import Synchronization

/// What the handlers of all connections share.
final class GatewayContext: Sendable {
    struct Pacing {
        var enrolments: TokenBucket
        var sources: SourceLimits
        var badTokens: SourceLimits
    }

    let directory: DeviceDirectory
    let history: ConnectionLog
    let actions: Actions
    let events: EventIntake
    let rollBack: ServerRollBack
    let documents: DocumentIntake
    let enroller: Enroller
    let splitTokens: SplitTokens
    let lost: LostCertificates
    let requests: ConnectionRequests
    let counters: CloseCounters
    let connections: ConnectionRegistry
    let budget: AssemblyBudget
    let memory: MemoryTrim
    let limits: GatewayLimits
    let pins: [Fingerprint]
    let logger: Logger
    let now: @Sendable () -> Timestamp
    private let pacing: Mutex<Pacing>

    init(
        directory: DeviceDirectory, actions: Actions, history: ConnectionLog, events: EventIntake, rollBack: ServerRollBack,
        documents: DocumentIntake, enroller: Enroller,
        lost: LostCertificates, requests: ConnectionRequests, counters: CloseCounters, memory: MemoryTrim, limits: GatewayLimits,
        pins: [Fingerprint],
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.directory = directory
        self.history = history
        self.actions = actions
        self.events = events
        self.rollBack = rollBack
        self.documents = documents
        budget = documents.budget
        self.enroller = enroller
        splitTokens = SplitTokens(store: documents.store)
        self.lost = lost
        self.requests = requests
        self.counters = counters
        self.memory = memory
        self.limits = limits
        self.pins = pins
        self.logger = logger
        self.now = now
        connections = ConnectionRegistry()
        let start = now()
        pacing = Mutex(
            Pacing(
                enrolments: TokenBucket(rate: limits.enrolmentRate, burst: max(1, limits.enrolmentRate), now: start),
                sources: SourceLimits(rate: limits.sourceRate, burst: limits.sourceRate, now: start),
                badTokens: SourceLimits(rate: limits.badTokenRate, burst: limits.badTokenBurst, now: start)))
    }

    func maySession(from source: String) -> Bool {
        let now = now()
        return pacing.withLock { $0.sources.take(from: source, now: now) }
    }

    /// - Returns: how long to wait; nil when the enrolment may go on.
    func waitBeforeEnrolment(from source: String) -> Duration? {
        let now = now()
        return pacing.withLock { pacing in
            if pacing.badTokens.isExhausted(for: source, now: now) { return .seconds(30) }
            return pacing.enrolments.take(now: now) ? nil : pacing.enrolments.wait(now: now) + .seconds(1)
        }
    }

    func badToken(from source: String) {
        let now = now()
        pacing.withLock { _ = $0.badTokens.take(from: source, now: now) }
    }
}

/// An order to a connection from elsewhere in the house, delivered on its event loop.
enum ConnectionOrder: Sendable {
    case stop(CloseReason, retryAfter: Duration?)
    /// What the device should hold, or when it should come, has changed.
    case desired([DocumentName: Digest], next: Duration)
    /// Whether the connection stays open after Done.
    case permanence(Bool)
    case action(ActionOrder)
    /// Somebody looks at the device's statistics; nil: nobody does any more.
    case statisticsWanted(every: Duration?)
    /// Another run of the device has come: is this one still there? Answered with true when it says so, with false when it ends.
    case prove(EventLoopPromise<Bool>)
}

/// The open connections, so that a stopping server can say so to each.
final class ConnectionRegistry: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = channel } }
    func remove(_ channel: any Channel) { channels.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) } }
    var all: [any Channel] { channels.withLock { Array($0.values) } }
    var count: Int { channels.withLock { $0.count } }
}
