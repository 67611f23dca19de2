import Logging
import MusterModel
import MusterWire

/// One managed application: brings its settings into force, compares, looks, and writes down what became of it. Owned by one task; times are
/// passed in.
struct ManagedApplication {
    typealias Instant = ContinuousClock.Instant

    /// Why it is looked at.
    enum Occasion: Hashable, Sendable {
        /// Everything on the device is: the agent starts, or someone asks.
        case refresh
        /// The server sent settings, or the owner's ceiling is another.
        case settings
        /// A file of it may have been changed.
        case files
        /// It is time to compare, to look, or to try again.
        case time
        /// A call that was given up on has ended.
        case late(Digest, ConnectorError?)
    }

    private let connector: any Connector
    private let line: ConnectorLine
    private let storage: AgentStorage
    private let ceiling: CeilingBoard
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let late: @Sendable (Digest, ConnectorError?) -> Void
    private var course = ApplyingCourse()
    /// When what the application took and does not do is given to it again.
    private var again = ApplyingCourse()
    /// Keys of that, as it was looked at last.
    private var obstructed: [String] = []
    private var version: String?
    private(set) var statistics: [String: Int64] = [:]

    /// - Parameter late: is to come back as an occasion.
    init(
        _ connector: any Connector, line: ConnectorLine, storage: AgentStorage, ceiling: CeilingBoard, logger: Logger,
        now: @escaping @Sendable () -> Timestamp, late: @escaping @Sendable (Digest, ConnectorError?) -> Void
    ) {
        self.connector = connector
        self.line = line
        self.storage = storage
        self.ceiling = ceiling
        self.logger = logger
        self.now = now
        self.late = late
    }

    /// Until settings that failed are tried again; nil: none did.
    func wait(now: Instant) -> Duration? { course.wait(now: now) }

    /// What a turn changed outside.
    struct Outcome: Hashable, Sendable {
        var isDocumentChanged = false
        var areEventsRaised = false
    }

    /// - Throws: what the database throws; then nothing of it was kept.
    mutating func turn(_ occasion: Occasion, at instant: Instant) async throws(AgentError) -> Outcome {
        let (connector, ceiling) = (connector, ceiling.ceiling)
        let known = try await storage.run { state, _ in try state.known(connector, under: ceiling) }
        var turn = Turn(known, connector.application)
        if occasion == .refresh || version == nil { await discover() }
        await settle(&turn, occasion, at: instant)
        await look(&turn, at: instant)
        if connector.desired == .settings { turn.sayOutcome(now: now()) }
        // What was cancelled says nothing of the application.
        guard !Task.isCancelled else { return Outcome() }
        return try await keep(turn)
    }

    private mutating func discover() async {
        guard let found = try? await line.call({ [connector] () async throws(ConnectorError) in try await connector.discover() })
        else { return }
        version = found
    }

    // MARK: Settings

    private mutating func settle(_ turn: inout Turn, _ occasion: Occasion, at instant: Instant) async {
        if case .late(let digest, let failure) = occasion, digest == turn.known.part.digest {
            return settled(&turn, failure, isWhole: true, at: instant)
        }
        if occasion == .files || occasion == .settings { course.hurry(now: instant) }
        let isDue = course.isDue(turn.known, now: instant)
        if isDue, course.isWhole(turn.known) {
            let failure = await apply(turn.known.part.settings.mapValues(\.value), for: turn.known.part.digest)
            return settled(&turn, failure, isWhole: true, at: instant)
        }
        guard turn.known.part.digest != nil, turn.known.record != nil, !course.waits(now: instant) else { return }
        let failure = await compare(&turn)
        if isDue || failure != nil { return settled(&turn, failure, isWhole: false, at: instant) }
        await giveAgain(turn, at: instant)
    }

    /// Whether it helped is seen by looking. What the owner changed since stays as it is.
    private func giveAgain(_ turn: Turn, at instant: Instant) async {
        let keys = Set(obstructed).subtracting(turn.report.changedLocally)
        let values = turn.known.part.settings.filter { keys.contains($0.key) }.mapValues(\.value)
        guard !values.isEmpty, !again.waits(now: instant) else { return }
        _ = await apply(values, for: nil)
    }

    /// - Returns: nil when they are in force.
    private func apply(_ values: [String: ManagedValue], for digest: Digest?) async -> ConnectorError? {
        do throws(ConnectorError) {
            try Self.check(values, connector.manifest)
            let (connector, late) = (connector, late)
            try await line.call({ () async throws(ConnectorError) in try await connector.apply(values) }) { result in
                guard let digest else { return }
                if case .failure(let error) = result { late(digest, error) } else { late(digest, nil) }
            }
            return nil
        } catch {
            return error
        }
    }

    /// The server checks as well; what is written on the device is checked here.
    private static func check(_ values: [String: ManagedValue], _ manifest: ApplicationManifest) throws(ConnectorError) {
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let type = manifest[key]?.type, !type.accepts(value) else { continue }
            throw .settingNotAllowed(key, type.allowed)
        }
    }

    /// The Network Agent's own come into force elsewhere: what is managed is what should be.
    private func expected(_ known: KnownApplication) -> [String: ManagedSetting] {
        connector.desired == .agent ? known.part.settings : known.record?.applied ?? [:]
    }

    /// Puts locked values back that were changed on the device, and says which others are. - Returns: why it could not.
    private func compare(_ turn: inout Turn) async -> ConnectorError? {
        let connector = connector
        let inForce: [String: ManagedValue]
        do throws(ConnectorError) {
            inForce = try await line.call { () async throws(ConnectorError) in try await connector.settingsInForce() }
        } catch {
            return error
        }
        let changes = LocalChanges(turn.known.part, applied: expected(turn.known), inForce: inForce)
        turn.events += changes.events(connector.application, after: turn.report.changedLocally, now: now())
        turn.report.changedLocally = changes.left
        guard !changes.toPutBack.isEmpty else { return nil }
        if let failure = await apply(changes.toPutBack, for: nil) {
            turn.report.changedLocally = (changes.left + changes.toPutBack.keys).sorted()
            return failure
        }
        turn.events += changes.eventsOfPuttingBack(connector.application, now: now())
        return nil
    }

    /// - Parameter isWhole: all of the settings were given to the application.
    private mutating func settled(_ turn: inout Turn, _ failure: ConnectorError?, isWhole: Bool, at instant: Instant) {
        guard let digest = turn.known.part.digest else { return }
        let before = turn.known.record
        var record = before ?? ApplicationRecord(digest: digest)
        record.digest = digest
        record.failure = failure
        if let failure {
            course.failed(turn.known.part, now: instant)
            let metadata: Logger.Metadata = [
                "application": "\(connector.application)", "code": "\(failure.code)", "error": "\(failure.text)",
                "next": "\(course.wait(now: instant)?.text ?? "")",
            ]
            if before != record { logger.warning("settings.failed", metadata: metadata) }
        } else {
            course.succeeded(turn.known.part)
            if isWhole {
                record.applied = turn.known.part.settings
                turn.report.changedLocally = []
            }
            if before != record { logger.info("settings.applied", metadata: ["application": "\(connector.application)"]) }
        }
        turn.record = record
    }

    // MARK: Looking

    private mutating func look(_ turn: inout Turn, at instant: Instant) async {
        let (connector, before, memory, now) = (connector, turn.known.report, turn.known.memory, now())
        turn.report.restricted = turn.known.part.restricted
        turn.report.version = version ?? turn.report.version
        do throws(ConnectorError) {
            let reading = try await line.call { () async throws(ConnectorError) in
                try await connector.look(after: before, remembering: memory, now: now)
            }
            statistics = reading.statistics
            turn.take(reading)
            obstructed = turn.obstructed ?? obstructed
            if obstructed.isEmpty {
                again.succeeded(turn.known.part)
            } else if !again.waits(now: instant) {
                again.failed(turn.known.part, now: instant)
            }
        } catch {
            turn.failedToLook(error, isSettledElsewhere: connector.desired == .agent)
        }
    }

    private func keep(_ turn: Turn) async throws(AgentError) -> Outcome {
        let record = turn.record == turn.known.record ? nil : turn.record
        let memory = turn.memory == turn.known.memory ? nil : turn.memory
        guard turn.report != turn.known.report || record != nil || memory != nil || !turn.events.isEmpty else { return Outcome() }
        let (report, events) = (turn.report, turn.events)
        let (isChanged, position) = try await storage.run { state, spool in
            try state.save(report, record: record, memory: memory, raising: events, in: spool)
        }
        return Outcome(isDocumentChanged: isChanged, areEventsRaised: position != nil)
    }
}

/// What one turn makes of what was known.
private struct Turn {
    let known: KnownApplication
    var record: ApplicationRecord?
    var report: ApplicationReport
    var memory: [UInt8]?
    var events: [DeviceEvent] = []
    /// Keys that are set and not in force; nil: it is not known yet.
    private(set) var obstructed: [String]? = []

    init(_ known: KnownApplication, _ application: ApplicationID) {
        self.known = known
        record = known.record
        memory = known.memory
        report = known.report ?? ApplicationReport(application: application, state: .unknown)
    }

    mutating func take(_ reading: ConnectorReading) {
        report.state = reading.state
        // In the order a report has them.
        let made = ApplicationReport(
            application: report.application, state: reading.state, problems: reading.problems, facts: reading.facts)
        (report.problems, report.facts) = (made.problems, made.facts)
        events += reading.events
        if let memory = reading.memory { self.memory = memory }
        switch reading.outcome {
        case .pending: break
        case .settled(let outcome):
            (report.outcome, report.settings) = (outcome, known.part.digest)
        case nil:
            takeRecord()
            take(reading.obstacles)
        }
    }

    private mutating func take(_ obstacles: [String: ConnectorReading.Obstacle]) {
        guard let record, record.failure == nil else { return }
        let managed = obstacles.filter { record.applied[$0.key] != nil && !report.changedLocally.contains($0.key) }
        let failures = managed.compactMapValues { if case .failure(let error) = $0 { error } else { nil } }
        if let (_, error) = failures.min(by: { $0.key < $1.key }) {
            report.outcome = .failed(code: error.code, text: error.text)
            obstructed = failures.keys.sorted()
        } else if !managed.isEmpty {
            (report.outcome, report.settings) = (known.report?.outcome ?? .none, known.report?.settings)
            obstructed = nil
        }
    }

    /// What was known of it stands, and one more problem. What became of its settings is known all the same.
    /// - Parameter isSettledElsewhere: its readings say whether settings are in force, not `apply`.
    mutating func failedToLook(_ error: ConnectorError, isSettledElsewhere: Bool) {
        let others = report.problems.filter { $0.code != ApplicationProblem.connectorFailed }
        let problem = ApplicationProblem(code: ApplicationProblem.connectorFailed, subject: error.code)
        report.problems =
            ApplicationReport(application: report.application, state: report.state, problems: others + [problem]).problems
        if record?.failure != nil || (!isSettledElsewhere && record != known.record) { takeRecord() }
    }

    /// Once for each failure and its end.
    mutating func sayOutcome(now: Timestamp) {
        let application = report.application
        switch (known.report?.outcome, report.outcome) {
        case (.failed(let before, _), .failed(let code, _)) where before == code: break
        case (_, .failed(let code, let text)):
            events.append(
                DeviceEvent(
                    type: EventType.settingsFailed, severity: .warning, occurred: now,
                    parameters: ["application": .text(application.description), "code": .text(code)],
                    text: "settings of \(application) could not be applied: \(text)"))
        // Where nothing is to be set any more, nothing came into force.
        case (.failed, .applied) where !known.part.settings.isEmpty:
            events.append(
                DeviceEvent(
                    type: EventType.settingsApplied, severity: .info, occurred: now,
                    parameters: ["application": .text(application.description)],
                    text: "the settings of \(application) that could not be applied are in force"))
        default: break
        }
    }

    mutating func takeRecord() {
        report.outcome = record?.outcome ?? .none
        report.settings = record?.digest
    }
}
