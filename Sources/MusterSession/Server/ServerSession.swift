import FoundationEssentials
package import MusterModel
package import MusterWire

/// The server's end of one session: takes facts, returns orders; the shell (MusterServer, `SessionHandler`) runs them and writes what
/// `nextFrame` gives whenever the channel takes more. What is known of the device is given when its Hello is judged.
package struct ServerSession: Sendable {
    enum State {
        /// TLS is up. Can go to: judging, closed.
        case awaitingHello
        /// The shell looks the device up. Can go to: active, renewing, probed, closed.
        case judging(Muster_V1_Hello)
        /// The device is served. Can go to: complete, closed.
        case active
        /// Its certificate has expired: renewal alone is served. Can go to: closed.
        case renewing
        /// A probe was answered: nothing but its end is awaited. Can go to: closed.
        case probed
        /// It said Done; a periodic device closes, a permanent one goes on until the server lets it go. Can go to: active, closed.
        case complete
        case closed
    }

    package enum Action: Hashable, Sendable {
        /// Answer with `recognized` or `refused`.
        case judge(Muster_V1_Hello)
        /// This server's database was put back to an older state than the device was served by: an event people see, before the device's
        /// own; `stop` if that fails, no other answer.
        case serverRolledBack(session: UInt64, known: UInt64)
        /// Store a gap for these numbers; the batches that follow are stored after it. `stop` if that fails; no other answer.
        case storeLost(epoch: UInt64, first: UInt64, last: UInt64)
        /// Answer with `eventsStored` or `stop`. Batches are stored in the order of these.
        case storeEvents([NumberedEvent], clockOffset: Duration)
        /// Answer with `memoryReserved`; release it when the document is stored or the session ends. Where the answer is no, orders
        /// that came with this one are not run.
        case reserveMemory(Int)
        /// Assemble, check and store off the loop; answer with `documentStored`.
        case storeDocument(IncomingDocument)
        /// Answer with `documentReady`.
        case prepareDocument(DocumentName)
        /// The device holds this state.
        case delivered(DocumentName, Digest)
        /// The device has shown that it holds its new certificate and key: write it down, so that older ones are superseded. `stop` if that
        /// fails; no other answer. Lost in a crash, it is said again at the device's next session; until then the older ones count too.
        case markCertificateUsed
        /// Answer with `certificateIssued` or `stop`.
        case issueCertificate(request: [UInt8])
        /// A complete synchronization; on a permanent session the device has the next one after `next`, nil: it closes now.
        case completed(next: Duration?)
        /// Answer with `actionReportStored`, or `stop`.
        case storeActionReport(ActionReport)
        /// Kept in memory; the last one counts.
        case statistics(DeviceStatistics)
        case close(CloseReason, text: String)
    }

    /// Bytes of events a device may send ahead of the acknowledgements: five full batches.
    package static let eventCredit = 64 * 1024

    private var state = State.awaitingHello
    private var outbox = Outbox()
    private var features = FeatureSet.own
    private var device = Device.unknown
    private var nextEvent: UInt64 = 0
    private var eventEpoch: UInt64 = 0
    private var hasEvents = false
    private var batchesInFlight = 0
    private var documents = ServerDocuments()
    /// Welcome asked for digests.
    private var isAwaitingDigests = false
    private var isIssuing = false
    private var pings: UInt64 = 0
    /// Pings since the device was heard last.
    private var silences = 0
    /// The connection stays open after Done.
    package private(set) var isPermanent = false
    /// The permanent connection is not wanted any more: it ends as soon as everything under way is done.
    private var isReleasing = false
    /// The device was told that something it should hold has changed, and did not answer yet.
    private var hasAskedForDigests = false
    private var actionReports = 0
    /// As the device was told.
    private var statisticsPeriod: Duration?

    package init() {}

    package mutating func nextFrame() -> Muster_V1_Frame? { outbox.next() }

    package var hasFrames: Bool { !outbox.isEmpty }
}

// MARK: Who is it?

extension ServerSession {
    package mutating func recognized(_ device: Device, now: Timestamp) -> [Action] {
        guard case .judging(let hello) = state else { return [] }
        self.device = device
        features = FeatureSet.own.common(with: FeatureSet(hello.features))
        var welcome = Muster_V1_Welcome()
        welcome.time = now.milliseconds
        welcome.session = device.session
        welcome.nextSynchronization = UInt64(max(0, device.nextSynchronization.milliseconds))
        welcome.features = FeatureSet.own.message
        welcome.renewal = device.renewal
        if hello.reason == .probe {
            state = .probed
            welcome.noticeReceived = UInt64(max(0, device.noticeReceived?.milliseconds ?? 0))
            outbox.append(control: .welcome(welcome))
            return []
        }
        isPermanent = device.isPermanent && features.capabilities.contains(.permanentConnections) && device.renewal != .only
        welcome.permanent = isPermanent
        welcome.pingInterval = isPermanent ? UInt64(max(0, device.pingInterval.milliseconds)) : 0
        var actions: [Action] = device.isFirstUse ? [.markCertificateUsed] : []
        if device.renewal == .only {
            state = .renewing
            outbox.append(control: .welcome(welcome))
            return actions
        }
        state = .active
        if hello.session > device.highestSession {
            actions.append(.serverRolledBack(session: hello.session, known: device.highestSession))
        }
        actions += judgeEvents(of: hello, in: &welcome)
        judgeDocuments(of: hello, in: &welcome)
        outbox.append(control: .welcome(welcome))
        for order in device.actions { say(order) }
        if device.isWatched { statisticsWanted(every: DeviceStatistics.shortestPeriod) }
        return actions + documents.toPrepare
    }

    private mutating func say(_ order: ActionOrder) {
        guard features.capabilities.contains(.actions) else { return }
        outbox.append(control: .action(order.message))
    }

    package mutating func refused(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        guard case .judging = state else { return [] }
        return close(reason, retryAfter: retryAfter, text: text)
    }

    private mutating func judgeEvents(of hello: Muster_V1_Hello, in welcome: inout Muster_V1_Welcome) -> [Action] {
        welcome.eventCredit = UInt32(Self.eventCredit)
        let position = EventPosition(hello.events)
        let stored = device.positions[position.epoch] ?? StoredPlace(last: 0, stamp: 0)
        eventEpoch = position.epoch
        welcome.eventsStored = stored.last
        welcome.storedStamp = stored.stamp
        nextEvent = stored.last + 1
        guard case .lostAtServer(let first, let last) = EventPositionVerdict(device: position, stored: stored.last) else {
            return []
        }
        welcome.eventsStored = last
        welcome.storedStamp = 0
        nextEvent = last + 1
        return [.storeLost(epoch: position.epoch, first: first, last: last)]
    }

    private mutating func judgeDocuments(of hello: Muster_V1_Hello, in welcome: inout Muster_V1_Welcome) {
        let isUpToDate =
            Array(hello.reportedRoot) == device.reported.root(of: features).bytes
            && Array(hello.heldRoot) == device.desired.root(of: features).bytes
        guard !isUpToDate else { return }
        if hello.hasDigests {
            welcome.plan = documents.plan(for: hello.digests, of: device, features)
        } else {
            welcome.wantDigests = true
            isAwaitingDigests = true
        }
    }
}

// MARK: What comes from the device

extension ServerSession {
    package mutating func received(_ frame: Muster_V1_Frame) -> [Action] {
        if case .closed = state { return [] }
        if outbox.isOverfull { return close(.busy, text: "answers are not read") }
        silences = 0
        switch frame.body {
        case .hello(let hello): return helloReceived(hello)
        case .renewal(let request): return renewalReceived(request)
        case .goodbye(let goodbye): return goodbyeReceived(goodbye)
        case .ping(let ping): return pingReceived(ping)
        case .pong, nil:
            if case .awaitingHello = state { return close(.unexpectedMessage, text: "Hello comes first") }
            return []
        default: break
        }
        if case .probed = state, case .done = frame.body { return probeEnded() }
        guard isServed else { return close(.unexpectedMessage, text: "before Hello was answered") }
        return switch frame.body {
        case .digests(let digests): digestsReceived(digests)
        case .document(let head): checked { try $0.documents.headReceived(head) }
        case .chunk(let chunk): checked { try $0.documents.chunkReceived(chunk) }
        case .result(let result): resultReceived(result)
        case .events(let batch): checked { try $0.eventsReceived(batch) }
        case .actionReport(let report): checked { try $0.actionReportReceived(ActionReport(report)) }
        case .statistics(let statistics): checked { _ in [.statistics(try DeviceStatistics(statistics))] }
        case .done: doneReceived()
        default: close(.unexpectedMessage)
        }
    }

    private mutating func helloReceived(_ hello: Muster_V1_Hello) -> [Action] {
        guard case .awaitingHello = state else { return close(.secondHello) }
        guard hello.version == ProtocolVersion.major else {
            return close(.unsupportedVersion, text: "version \(hello.version); this server speaks \(ProtocolVersion.major)")
        }
        guard hello.reportedRoot.count == 16, hello.heldRoot.count == 16, EventPosition(hello.events).isValid else {
            return close(.malformedFrame, text: "a Hello without roots or with an impossible event position")
        }
        state = .judging(hello)
        return [.judge(hello)]
    }

    private mutating func digestsReceived(_ digests: Muster_V1_DocumentDigests) -> [Action] {
        guard documents.isPlanDone else { return close(.unexpectedMessage, text: "digests before the last plan was done") }
        state = .active
        isAwaitingDigests = false
        hasAskedForDigests = false
        var plan = documents.plan(for: digests, of: device, features)
        if isPermanent { plan.nextSynchronization = UInt64(max(0, device.nextSynchronization.milliseconds)) }
        outbox.append(control: .plan(plan))
        return documents.toPrepare
    }

    private mutating func actionReportReceived(_ report: ActionReport) throws(WireError) -> [Action] {
        guard features.capabilities.contains(.actions) else { throw .malformedFrame("a report of actions nobody knows") }
        guard actionReports < ActionExchange.maximum else { return close(.busy, text: "more reports than actions") }
        actionReports += 1
        return [.storeActionReport(report)]
    }

    private mutating func resultReceived(_ result: Muster_V1_DocumentResult) -> [Action] {
        guard let name = DocumentName(rawValue: result.document), documents.resultReceived(name) else {
            return close(.unexpectedMessage, text: "a result for a document that was not sent")
        }
        guard result.status == .stored, let digest = Digest(bytes: Array(result.digest)) else { return [] }
        return [.delivered(name, digest)]
    }

    private mutating func eventsReceived(_ batch: Muster_V1_EventBatch) throws(WireError) -> [Action] {
        let events = try batch.numberedEvents()
        if batch.epoch != eventEpoch { try beginEpoch(batch.epoch) }
        guard batch.first == nextEvent, let last = events.last else {
            return close(.eventsOutOfOrder, text: "event \(batch.first) came, \(nextEvent) was next")
        }
        guard batchesInFlight < Muster_V1_EventBatch.maximumInFlight else { return close(.busy, text: "more events than credit") }
        batchesInFlight += 1
        hasEvents = true
        nextEvent = last.last + 1
        return [.storeEvents(events, clockOffset: .milliseconds(batch.clockOffset))]
    }

    /// A device that was put back to an earlier copy begins a new epoch with its first batch.
    private mutating func beginEpoch(_ epoch: UInt64) throws(WireError) {
        guard epoch != 0, !hasEvents, device.positions[epoch] == nil else {
            throw .eventsOutOfOrder("a new epoch begins with the first batch of a session, and nothing of it is stored")
        }
        eventEpoch = epoch
        nextEvent = 1
    }

    private mutating func renewalReceived(_ renewal: Muster_V1_RenewalRequest) -> [Action] {
        switch state {
        case .active, .renewing: break
        default: return close(.unexpectedMessage)
        }
        guard device.renewal != .none, !isIssuing else { return close(.unexpectedMessage, text: "renewal is not due") }
        isIssuing = true
        return [.issueCertificate(request: Array(renewal.certificateRequest))]
    }

    private mutating func doneReceived() -> [Action] {
        guard case .active = state, !isAwaitingDigests, documents.isDone, batchesInFlight == 0, !isIssuing,
            actionReports == 0
        else { return close(.unexpectedMessage, text: "Done before everything was done") }
        state = .complete
        return [.completed(next: isPermanent && !isReleasing ? device.nextSynchronization : nil)] + letGoIfDone()
    }

    /// Only at rest: what is under way is done first.
    private mutating func letGoIfDone() -> [Action] {
        guard isReleasing, case .complete = state, documents.isDone, batchesInFlight == 0, actionReports == 0 else { return [] }
        return close(.permanentConnectionEnded, retryAfter: device.nextSynchronization)
    }

    /// Not a synchronization: nothing is completed.
    private mutating func probeEnded() -> [Action] {
        state = .closed
        outbox.removeAll()
        return [.close(.done, text: "")]
    }

    private mutating func goodbyeReceived(_ goodbye: Muster_V1_Goodbye) -> [Action] {
        state = .closed
        outbox.removeAll()
        return [.close(CloseReason(rawValue: goodbye.reason) ?? .closedByPeer, text: goodbye.text)]
    }

    private mutating func pingReceived(_ ping: Muster_V1_Ping) -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        var pong = Muster_V1_Pong()
        pong.id = ping.id
        outbox.append(control: .pong(pong))
        return []
    }
}

// MARK: What comes from the house

extension ServerSession {
    package mutating func memoryReserved(_ isReserved: Bool) -> [Action] {
        isReserved || !isServed ? [] : close(.busy, retryAfter: .seconds(30), text: "too many large documents at once")
    }

    package mutating func documentStored(_ name: DocumentName, _ digest: Digest, _ status: Muster_V1_DocumentStatus) -> [Action] {
        guard isServed, documents.stored(name, status) else { return [] }
        if status == .stored { device.reported[name] = digest }
        var result = Muster_V1_DocumentResult()
        result.document = name.rawValue
        result.digest = .init(digest.bytes)
        result.status = status
        outbox.append(control: .result(result))
        return []
    }

    package mutating func eventsStored(epoch: UInt64, through last: UInt64) -> [Action] {
        guard isServed, batchesInFlight > 0 else { return [] }
        batchesInFlight -= 1
        var stored = Muster_V1_EventsStored()
        stored.epoch = epoch
        stored.last = last
        outbox.append(acknowledgement: stored)
        return letGoIfDone()
    }

    /// The report is stored; the end of an action is never asked for again.
    package mutating func actionReportStored(_ report: ActionReport) -> [Action] {
        guard isServed, actionReports > 0 else { return [] }
        actionReports -= 1
        if report.progress.isFinal {
            var settled = Muster_V1_ActionSettled()
            settled.id = .init(report.id.bytes)
            outbox.append(control: .actionSettled(settled))
        }
        return letGoIfDone()
    }

    /// Do this now. Nothing happens in a session that is not served yet, or whose agent knows no actions: they are given to the next one.
    /// - Returns: whether it was said.
    package mutating func order(_ order: ActionOrder) -> Bool {
        guard isServed, features.capabilities.contains(.actions) else { return false }
        // After Done a periodic device is gone.
        if case .complete = state, !isPermanent { return false }
        say(order)
        return true
    }

    /// Somebody looks at a device's statistics, or nobody does any more.
    package mutating func statisticsWanted(every period: Duration?) {
        guard isServed, isPermanent, features.capabilities.contains(.statistics), period != statisticsPeriod else { return }
        statisticsPeriod = period
        var wanted = Muster_V1_StatisticsWanted()
        wanted.every = UInt64(max(0, period?.milliseconds ?? 0))
        outbox.append(control: .statisticsWanted(wanted))
    }

    /// What the device should hold, or when it should come next, has changed. A periodic device hears of it at its next synchronization.
    package mutating func desiredChanged(_ desired: [DocumentName: Digest], nextSynchronization: Duration) -> [Action] {
        let isNews = desired != device.desired
        device.desired = desired
        device.nextSynchronization = nextSynchronization
        guard isServed, isPermanent, isNews, !hasAskedForDigests else { return [] }
        hasAskedForDigests = true
        outbox.append(control: .digestsWanted(Muster_V1_DigestsWanted()))
        return []
    }

    /// Whether the connection may stay. A session that was not permanent from the start does not become it.
    package mutating func permanenceChanged(_ isWanted: Bool) -> [Action] {
        guard isPermanent else { return [] }
        isReleasing = !isWanted
        return hasAskedForDigests ? [] : letGoIfDone()
    }

    package mutating func documentReady(_ document: OutgoingDocument) -> [Action] {
        documents.ready(document)
        if isServed { outbox.append(document: document) }
        return []
    }

    package mutating func certificateIssued(_ certificate: [UInt8]) -> [Action] {
        if case .closed = state { return [] }
        guard isIssuing else { return [] }
        isIssuing = false
        device.renewal = .none
        var issued = Muster_V1_CertificateIssued()
        issued.certificate = .init(certificate)
        outbox.append(control: .certificate(issued))
        return []
    }

    /// How long silence lasts before `fellSilent`; nil: as long as a session may be idle. A silent permanent connection is pinged every
    /// interval, and is dead after two and a half.
    package var silence: Duration? {
        guard isPermanent, case .complete = state else { return nil }
        return silences < Self.pingsBeforeDeath ? device.pingInterval : device.pingInterval / 2
    }

    private static let pingsBeforeDeath = 2

    /// Nothing came from the device for as long as `silence` says. While this side owes it an answer (a store with much to do) that is as it
    /// should be: a ping says so, and the device waits on.
    package mutating func fellSilent() -> [Action] {
        if isPermanent, case .complete = state, silences < Self.pingsBeforeDeath {
            // One that should go and does not answer is not waited for.
            if isReleasing { return stop(.permanentConnectionEnded, retryAfter: device.nextSynchronization) }
            silences += 1
            return ping()
        }
        guard isServed, owesAnswer else { return stop(.idleTimeout) }
        return ping()
    }

    private mutating func ping() -> [Action] {
        pings += 1
        var ping = Muster_V1_Ping()
        ping.id = pings
        outbox.append(control: .ping(ping))
        return outbox.isOverfull ? close(.idleTimeout) : []
    }

    /// This side ends the session: said to the device, then closed.
    package mutating func stop(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        if case .closed = state { return [] }
        return close(reason, retryAfter: retryAfter, text: text)
    }
}

// MARK: The rules inside

extension ServerSession {
    private var isServed: Bool {
        switch state {
        case .active, .complete: true
        case .awaitingHello, .judging, .renewing, .probed, .closed: false
        }
    }

    private var owesAnswer: Bool { documents.owesAnswer || batchesInFlight > 0 || isIssuing || actionReports > 0 }

    private mutating func checked(_ rule: (inout Self) throws -> [Action]) -> [Action] {
        do {
            return try rule(&self)
        } catch {
            let error = error as? WireError ?? .malformedFrame("\(error)")
            return close(error.closeReason, text: error.reason)
        }
    }

    private mutating func close(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        state = .closed
        outbox.removeAll()
        documents = ServerDocuments()
        outbox.append(control: .goodbye(Muster_V1_Goodbye(reason, retryAfter: retryAfter, text: text)))
        return [.close(reason, text: text)]
    }
}
