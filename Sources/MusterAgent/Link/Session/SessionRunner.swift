import Logging
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore

/// Runs one session over a connection that is up: the rules are `AgentSession`'s, the disk is `AgentStorage`'s, this joins them.
struct SessionRunner {
    /// Until the next synchronization, whatever the server says: 24 hours and its jitter.
    static let longestInterval = Duration.hours(27)
    /// Copies of a connection request are sent for a second; they take less than another on their way.
    private static let requestPatience = Duration.seconds(2)

    let connection: Int
    let channel: ServerChannel
    let link: Link
    let opening: AgentSession.Opening
    var machine: AgentSession
    var clockOffset: Duration
    var word: ServerWord?
    /// The clock's offset as it was known before the last synchronization.
    private(set) var offsetBefore: Duration?
    /// It runs over settings on trial.
    let trial: ConnectionSettings?
    /// When the synchronization under way began.
    private(set) var began: Timestamp
    /// Asked for while it ran and could not take it up: for the next session. A permanent one takes it up when it is at rest.
    private(set) var asked: [LinkInput] = []
    /// They wait for the synchronization under way.
    private var waiting: [LinkInput.SyncWaiter]
    /// Documents changed after Done: for the next session.
    private(set) var hasLateDocuments = false
    /// The device became a permanently connected one in this session, which itself is none.
    private(set) var wasTicked = false
    private let start = ContinuousClock.now
    private var clock = SessionClock(now: .now)
    /// The server asked for a connection though this one is open: it does not know of it any more.
    private(set) var isForgotten = false
    /// Learnt at Welcome.
    private(set) var serverClock: ServerClock?
    private var isSettled = false
    /// How often statistics are wanted by whoever looks at them; nil: nobody does.
    private var watchPeriod: Duration?
    private var end: LinkFailure?
    /// Of the synchronizations before the one under way.
    private var summaryBefore = SessionSummary()

    init(
        connection: Int, channel: ServerChannel, link: Link, opening: AgentSession.Opening, clockOffset: Duration?,
        began: Timestamp, trial: ConnectionSettings?, waiting: [LinkInput.SyncWaiter]
    ) {
        self.trial = trial
        self.connection = connection
        self.channel = channel
        self.link = link
        self.opening = opening
        self.clockOffset = clockOffset ?? .zero
        offsetBefore = clockOffset
        self.began = began
        self.waiting = waiting
        machine = AgentSession(opening)
    }

    private var storage: AgentStorage { link.storage }
    private var mailbox: Mailbox<LinkInput> { link.mailbox }
    private func now() -> Timestamp { link.now() }

    /// What the synchronization under way moved.
    var newSummary: SessionSummary { machine.summary - summaryBefore }

    /// They are to be answered by another.
    mutating func takeWaiting() -> [LinkInput.SyncWaiter] {
        defer { waiting = [] }
        return waiting
    }

    mutating func answer(_ result: Result<SyncReport, AgentError>) {
        for waiter in waiting { waiter.resume(returning: result) }
        waiting = []
    }

    /// - Returns: nil after a complete synchronization; else why it was none.
    mutating func run(_ outbound: NIOAsyncChannelOutboundWriter<Muster_V1_Frame>) async -> LinkFailure? {
        do {
            while end == nil, !isAtEnd { try await turn(outbound) }
            while let frame = machine.nextFrame() { try await outbound.write(frame) }
            if end == nil { answer(.success(await link.synchronized(self))) }
        } catch let failure as LinkFailure {
            return failure
        } catch let error as AgentError {
            return await stopped(error, outbound)
        } catch {
            return LinkFailure(.closedByPeer, "the connection was lost: \(ErrorWords.text(of: error))")
        }
        return end
    }

    /// One input, or one frame out: inputs first, so that an event never waits behind a document.
    private mutating func turn(_ outbound: NIOAsyncChannelOutboundWriter<Muster_V1_Frame>) async throws {
        if let input = mailbox.take() { return try await handle(input) }
        if let frame = machine.nextFrame() { return try await outbound.write(frame) }
        let lingers = isSettled && opening.reason == .event && !isEnding && !machine.isPermanent
        if isSettled, !lingers { return try await finish() }
        let wait = clock.wait(isAtRest: machine.isAtRest, now: .now)
        if let input = await mailbox.take(within: lingers ? AgentPace.lingering : wait.time) {
            return try await handle(input)
        }
        if lingers { return try await finish() }
        switch wait.due {
        case .synchronize: try await synchronizeAgain()
        case .statistics: try await sayStatistics(every: watchPeriod)
        case .lost: throw LinkFailure(.idleTimeout, "the server said nothing for too long")
        }
    }

    /// A session that is not permanent ends with Done.
    private var isAtEnd: Bool { machine.isComplete && !machine.isPermanent }

    /// It takes no new events any more, so that it settles however fast they come: the next session begins at once.
    private var isEnding: Bool {
        machine.hasOnlyEventsLeft
            && (opening.reason != .event || !waiting.isEmpty || !asked.isEmpty
                || ContinuousClock.now - start >= AgentPace.longestSession)
    }
    private var isFinished: Bool { machine.summary.isComplete && !machine.isPermanent }

    private mutating func finish() async throws {
        isSettled = false
        try await perform(machine.finish())
    }

    // MARK: A permanent connection

    /// Done was said, and the session goes on.
    private mutating func synchronized() async throws {
        answer(.success(await link.synchronized(self)))
        summaryBefore = machine.summary
        offsetBefore = clockOffset
        let next = try await storage.run { state, _ in try state.facts().nextSynchronization }
        if let next { clock.nextSynchronization(in: min(max(next - now(), .zero), Self.longestInterval), now: .now) }
        // Those that were held back so that it came to an end.
        let position = try await storage.run { _, spool in try spool.position() }
        try await perform(machine.eventsAppended(next: position.next))
        if !asked.isEmpty { try await synchronizeAgain() }
    }

    /// Due, or asked for.
    private mutating func synchronizeAgain() async throws {
        for case .synchronize(let waiter) in asked { waiting.append(waiter) }
        asked.removeAll { if case .synchronize = $0 { true } else { false } }
        began = now()
        clock.nextSynchronization(in: Self.longestInterval, now: .now)
        try await perform(machine.synchronize(try await statistics()))
    }

    private mutating func sayStatistics(every period: Duration?) async throws {
        watchPeriod = period
        clock.statistics(every: period, now: .now)
        if period != nil { try await perform(machine.statistics(try await statistics())) }
    }

    private func statistics() async throws -> DeviceStatistics {
        let now = now()
        let applications = link.settings.statistics()
        var statistics = try await storage.run { state, spool in
            StatisticsReader.read(
                eventsWaiting: try spool.position().count, clockOffset: try state.facts().clockOffset, applications: applications,
                now: now)
        }
        statistics.runs = link.tasks.progress()
        return statistics
    }

    private mutating func collected() async throws {
        let digests = try await storage.run { state, _ in try state.reportedDigests() }
        try await perform(machine.collected(digests, try await statistics()))
    }

    private mutating func handle(_ input: LinkInput) async throws {
        switch input {
        case .frame(let frame, connection):
            isSettled = false
            clock.heard(now: .now)
            try await perform(machine.received(frame))
        case .closed(let failure, connection): throw end ?? failure
        case .frame, .closed: break
        // They stay in the spool, which is looked into after Done.
        case .eventsAppended where isEnding || isFinished: break
        case .eventsAppended:
            // As it is now: when this was put in, numbers may have been of an epoch that has ended since.
            let position = try await storage.run { _, spool in try spool.position() }
            try await perform(machine.eventsAppended(next: position.next))
        case .documentsChanged where isFinished: hasLateDocuments = true
        case .documentsChanged:
            let digests = try await storage.run { state, _ in try state.reportedDigests() }
            try await perform(machine.documentsChanged(digests))
        case .outputAppended where isFinished: break
        case .outputAppended(let run): try await perform(machine.outputAppended(run))
        case .progressed where isFinished: break
        case .progressed: try await perform(machine.statistics(try await statistics()))
        case .collected: try await collected()
        case .trialSucceeded:
            asked.append(input)
            // The new connection is known to work: this one makes room for it.
            if machine.isPermanent { try await perform(machine.stop(.connectionChanged)) }
        // A connection that did not live through it is found out.
        case .moved:
            clock.probed(now: .now)
            try await perform(machine.probe())
        // The one under way may have begun before what they want to see changed: theirs begins after it, which ends as soon as it may.
        case .synchronize:
            asked.append(input)
            if machine.isPermanent, machine.isAtRest { try await synchronizeAgain() }
        // What was sent before our Hello came there.
        case .connectionRequested where ContinuousClock.now - start < Self.requestPatience: break
        case .connectionRequested:
            isForgotten = true
            throw LinkFailure(.closedByPeer, "the server does not know of this connection any more: it asks for one")
        case .stop:
            asked.append(input)
            try await perform(machine.stop(.agentStopping))
        }
    }

    private mutating func perform(_ actions: [AgentSession.Action]) async throws {
        for action in actions { try await perform(action) }
    }

    private mutating func perform(_ action: AgentSession.Action) async throws {
        switch action {
        case .readEvents(let after, let bytes):
            let events = try await storage.run { _, spool in try spool.batch(after: after, maximumBytes: bytes) }
            try await perform(machine.eventsRead(events, clockOffset: clockOffset))
        case .deleteEvents(let epoch, let last):
            try await storage.run { _, spool in _ = try spool.acknowledge(epoch: epoch, through: last) }
        case .judgeStored(let stored):
            let isOurs = try await storage.run { _, spool in try spool.isOurs(stored) }
            try await perform(machine.storedJudged(stored, isOurs: isOurs))
        case .beginEpoch(let stored): try await beginEpoch(stored)
        case .prepareDocument(let name, let basis): try await prepare(name, basis)
        case .keepAcknowledged(let name, let digest):
            try await storage.run { state, _ in try state.markAcknowledged(name, digest) }
        case .hold(let incoming): try await hold(incoming)
        case .makeCertificateRequest: try await perform(machine.certificateRequestReady(try await certificateRequest()))
        case .saveCertificate(let certificate):
            try await storage.run { state, _ in try state.adoptRenewed(certificateDER: certificate) }
            try await perform(machine.certificateSaved())
        case .learn(let word): try await learn(word)
        case .learnNext(let time): try await learn(next: time)
        case .acceptAction(let order):
            let (now, ceiling) = (now(), link.settings.ceiling())
            let report = try await storage.run { state, _ in try state.acceptAction(order, under: ceiling, now: now) }
            if order.kind != ActionKind.synchronize.rawValue { link.tasks.wake() }
            try await perform(machine.actionAccepted(report))
        case .collect: link.collect()
        case .finishAction(let id):
            let now = now()
            let report = try await storage.run { state, _ in try state.finishAction(id, now: now) }
            try await perform(machine.actionFinished(report))
        case .forgetAction(let id): try await storage.run { state, _ in try state.forgetAction(id) }
        case .readOutput(let run): try await perform(machine.outputRead(run, link.tasks.output(run)))
        case .forgetOutput(let run):
            try await storage.run { state, _ in try state.forgetOutput(run) }
            link.tasks.forgetOutput(run)
        case .sayStatistics(let period): try await sayStatistics(every: period)
        case .settled: isSettled = true
        case .synchronized: try await synchronized()
        case .close(let reason, let retryAfter, let text): end = LinkFailure(reason, text, retryAfter: retryAfter)
        }
    }

    private mutating func beginEpoch(_ stored: StoredPlace) async throws {
        let position = opening.events
        let event = DeviceEvent(
            type: EventType.deviceRolledBack, severity: .warning, occurred: now(),
            parameters: [
                "previousEpoch": .text(String(position.epoch)), "last": .integer(Int64(clamping: stored.last)),
                "next": .integer(Int64(clamping: position.next)),
            ],
            text:
                "this device was put back to an earlier state (a snapshot or a backup of its disk). Nothing needs to be done: it goes on "
                + "as the same device and reports what it has now; if nobody put it back, look at its disk. Its events are numbered "
                + "anew: the next was to be \(position.next), and the server has them up to \(stored.last)")
        let begun = try await storage.run { _, spool in try spool.beginEpoch(saying: event) }
        try await perform(machine.epochBegun(EventPosition(begun)))
    }

    private mutating func prepare(_ name: DocumentName, _ basis: Digest?) async throws {
        let outgoing = try await storage.run { state, _ -> OutgoingDocument? in
            guard let document = try state.reported(name) else { return nil }
            let known = try basis == nil ? nil : state.acknowledged(name)
            return OutgoingDocument(document, named: name, basis: known?.digest == basis ? known : nil)
        }
        guard let outgoing else { throw LinkFailure(.internalError, "document \(name) is not there any more") }
        try await perform(machine.documentReady(outgoing))
    }

    private mutating func hold(_ incoming: IncomingDocument) async throws {
        let (pin, ceiling) = (try? CertificateFacts(der: channel.serverCertificate).pin, link.settings.ceiling())
        let (status, begins) = try await storage.run { state, _ -> (Muster_V1_DocumentStatus, Bool) in
            let basis = try state.held(incoming.name)
            if let wanted = incoming.basis, wanted != basis?.digest { return (.basisUnknown, false) }
            do {
                let document = try incoming.assembled(basis: basis).document
                return (.stored, try HeldSettings.apply(document, named: incoming.name, pin: pin, under: ceiling, to: state))
            } catch let error as WireError {
                return (error.code == .digestMismatch ? .digestMismatch : .malformed, false)
            }
        }
        link.logger.debug("document.came", metadata: ["document": "\(incoming.name)", "status": "\(status)"])
        if begins { link.tryOut() }
        if status == .stored {
            link.requests.settingsMayHaveChanged()
            link.settings.held()
            if incoming.name == .tasks { link.tasks.wake() }
        }
        if status == .stored, !machine.isPermanent, !opening.isPermanent {
            wasTicked = try await storage.run { state, _ in try state.settings()?.isPermanent ?? false }
        }
        try await perform(machine.documentHeld(incoming.name, incoming.digest, status: status))
    }

    /// The key is on the disk before its request leaves, so that an interrupted renewal goes on with the same key.
    private func certificateRequest() async throws -> [UInt8] {
        try await storage.run { state, _ in
            let key =
                try state.pendingKeyPEM().map { pem throws(TrustError) in try PrivateKey(pem: pem) } ?? PrivateKey.generate()
            try state.savePendingKey(key.pem)
            return try CertificateRequest(key: key).der
        }
    }

    private mutating func learn(_ word: ServerWord) async throws {
        self.word = word
        clock.pingInterval = word.pingInterval
        let now = now()
        // The server read its clock between our Hello and now: the middle is off by half a round trip at most.
        let middle = opening.time + (now - opening.time) / 2
        clockOffset = word.time - middle
        serverClock = ServerClock(time: now + clockOffset, learnt: .now)
        let next = now + min(max(word.nextSynchronization, .seconds(1)), Self.longestInterval)
        let (offset, certificate) = (clockOffset, channel.serverCertificate)
        try await storage.run { state, spool in
            spool.settleInFlight()
            try state.update { facts in
                facts.session = word.session
                facts.serverDocuments = word.features.documents.map(\.rawValue).sorted()
                facts.serverCapabilities = word.features.capabilities.map(\.rawValue).sorted()
                facts.serverCertificateDER = certificate
                facts.lastConnection = now
                facts.nextSynchronization = next
                facts.clockOffset = offset
            }
        }
    }

    private func learn(next time: Duration) async throws {
        let next = now() + min(max(time, .seconds(1)), Self.longestInterval)
        _ = try await storage.run { state, _ in try state.update { $0.nextSynchronization = next } }
    }

    private mutating func stopped(
        _ error: AgentError, _ outbound: NIOAsyncChannelOutboundWriter<Muster_V1_Frame>
    ) async -> LinkFailure {
        _ = machine.stop(.storageUnavailable)
        while let frame = machine.nextFrame() { try? await outbound.write(frame) }
        return LinkFailure(.storageUnavailable, error.reason)
    }
}

extension EventPosition {
    init(_ position: SpoolPosition) {
        self.init(epoch: position.epoch, firstHeld: position.firstHeld, next: position.next)
    }
}
