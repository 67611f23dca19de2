import Glibc
import Logging
import MusterModel
import MusterWire
import Synchronization

@testable import MusterAgent

/// An application as a test plays it: one that fails, hangs, or is changed by somebody else.
final class FakeConnector: Connector {
    struct State: Sendable {
        var inForce: [String: ManagedValue] = [:]
        /// What every attempt to set something ends with.
        var failure: ConnectorError?
        /// What every look ends with.
        var silence: ConnectorError?
        /// Calls to apply wait for `release`.
        var hangs = false
        /// What was given to it, in order.
        var given: [[String: ManagedValue]] = []
        var looks = 0
        /// What each look was given to remember, and gives to be remembered.
        var remembered: [[UInt8]?] = []
        var memory: [UInt8]?
        var state = ApplicationState.running
        var obstacles: [String: ConnectorReading.Obstacle] = [:]
    }

    let manifest = ApplicationManifest.services
    let desired = DesiredSettingsSource.settings
    let watch = ConnectorWatch()
    private let state = Mutex(State())
    private let gate: AsyncStream<Void>
    private let open: AsyncStream<Void>.Continuation

    init() { (gate, open) = AsyncStream.makeStream() }

    func now<Value: Sendable>(_ body: (inout sending State) -> Value) -> Value { state.withLock { state in body(&state) } }
    var given: [[String: ManagedValue]] { state.withLock { $0.given } }

    /// What hangs goes on.
    func release() { open.yield() }

    func discover() async throws(ConnectorError) -> String { "1.0" }

    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] { state.withLock { $0.inForce } }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        state.withLock { $0.given.append(settings) }
        if state.withLock({ $0.hangs }) { for await _ in gate { break } }
        let failure = state.withLock { state in
            if state.failure == nil { state.inForce.merge(settings) { $1 } }
            return state.failure
        }
        if let failure { throw failure }
    }

    func look(after before: ApplicationReport?, remembering memory: [UInt8]?, now: Timestamp) async throws(ConnectorError)
        -> ConnectorReading
    {
        state.withLock { $0.remembered.append(memory) }
        return try await look(after: before, now: now)
    }

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        let silence = state.withLock { $0.silence }
        if let silence { throw silence }
        return state.withLock { state in
            state.looks += 1
            return ConnectorReading(
                state: state.state, statistics: ["looks": Int64(state.looks)], memory: state.memory, obstacles: state.obstacles)
        }
    }
}

/// A device with one managed application, and a virtual clock.
struct ManagedDevice {
    let fixture: StateFixture
    let storage: AgentStorage
    let connector: FakeConnector
    let ceiling: CeilingBoard
    let line: ConnectorLine
    let lateEnds = Mailbox<ManagedApplication.Occasion>()
    let start = ContinuousClock.now
    var application: ManagedApplication

    /// - Parameter fixture: of a device that was there before: its agent starts again.
    init(
        _ fixture: StateFixture? = nil, connector: FakeConnector = FakeConnector(), limit: Duration = .seconds(20)
    ) throws {
        let fixture = try fixture ?? StateFixture()
        let again = try fixture.reopened()
        self.fixture = fixture
        self.connector = connector
        storage = AgentStorage(state: again.state, spool: again.spool)
        line = ConnectorLine(limit: limit)
        ceiling = CeilingBoard(CeilingFile(directory: fixture.temporary.path, owner: geteuid()))
        application = ManagedApplication(
            connector, line: line, storage: storage, ceiling: ceiling, logger: .silent, now: { noon }
        ) {
            [lateEnds] digest, failure in lateEnds.put(.late(digest, failure))
        }
    }

    /// The server's word, as a session leaves it.
    @discardableResult
    func desire(_ settings: [String: ManagedSetting]) throws -> Digest {
        let document = Document(settings: [.services: settings])
        try fixture.state.saveHeld(.settings, document)
        return document.settings(of: .services).digest
    }

    @discardableResult
    mutating func turn(_ occasion: ManagedApplication.Occasion = .time, after time: Duration = .zero) async throws
        -> ManagedApplication.Outcome
    {
        try await application.turn(occasion, at: start + time)
    }

    var report: ApplicationReport? {
        get throws { try fixture.state.reported(.applications)?.applications().first }
    }

    /// `TYPE KEY` of each event.
    var events: [String] {
        get throws {
            try fixture.spool.batch(after: 0, maximumBytes: 100_000).compactMap { numbered in
                guard case .event(let event) = numbered.content else { return nil }
                let key = if case .text(let key) = event.parameters["key"] { key } else { "" }
                return "\(event.type) \(key)"
            }
        }
    }
}

/// The connector answers, until `body` ends.
@discardableResult
func answering<Value>(_ line: ConnectorLine, _ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await line.run() }
        defer { group.cancelAll() }
        return try await body()
    }
}

let fifteen = ManagedValue.duration(.seconds(15))
let thirty = ManagedValue.duration(.seconds(30))

extension Logger {
    static var silent: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}
