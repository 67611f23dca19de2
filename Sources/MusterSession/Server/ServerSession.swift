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
        /// Answer with `outputStored`; its memory was reserved.
        case storeOutput(IncomingOutput)
        /// Kept in memory; the last one counts.
        case statistics(DeviceStatistics)
        case close(CloseReason, text: String)
    }

    /// Bytes of events a device may send ahead of the acknowledgements: five full batches.
    package static let eventCredit = 64 * 1024

    var state = State.awaitingHello
    var outbox = Outbox()
    var features = FeatureSet.own
    var device = Device.unknown
    var nextEvent: UInt64 = 0
    var eventEpoch: UInt64 = 0
    var hasEvents = false
    var batchesInFlight = 0
    var documents = ServerDocuments()
    /// Welcome asked for digests.
    var isAwaitingDigests = false
    var isIssuing = false
    var pings: UInt64 = 0
    /// Pings since the device was heard last.
    var silences = 0
    /// The connection stays open after Done.
    package internal(set) var isPermanent = false
    /// The permanent connection is not wanted any more: it ends as soon as everything under way is done.
    var isReleasing = false
    /// The device was told that something it should hold has changed, and did not answer yet.
    var hasAskedForDigests = false
    var actionReports = 0
    /// The output that comes piece by piece, and whether one is being stored.
    var output: IncomingOutput?
    var isStoringOutput = false
    /// The ping that shows whether the device is still there, while nothing answered it.
    var proof: UInt64?
    /// As the device was told.
    var statisticsPeriod: Duration?

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

    mutating func say(_ order: ActionOrder) {
        guard features.capabilities.contains(.actions) else { return }
        outbox.append(action: order.frames(features))
    }

    package mutating func refused(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        guard case .judging = state else { return [] }
        return close(reason, retryAfter: retryAfter, text: text)
    }

    mutating func judgeEvents(of hello: Muster_V1_Hello, in welcome: inout Muster_V1_Welcome) -> [Action] {
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

    mutating func judgeDocuments(of hello: Muster_V1_Hello, in welcome: inout Muster_V1_Welcome) {
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
        case .pong(let pong) where isProvable:
            if pong.id == proof { proof = nil }
            return []
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
        case .runOutput(let piece): checked { try $0.outputReceived(piece) }
        case .statistics(let statistics): checked { _ in [.statistics(try DeviceStatistics(statistics))] }
        case .done: doneReceived()
        default: close(.unexpectedMessage)
        }
    }

    mutating func helloReceived(_ hello: Muster_V1_Hello) -> [Action] {
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

    mutating func digestsReceived(_ digests: Muster_V1_DocumentDigests) -> [Action] {
        guard documents.isPlanDone else { return close(.unexpectedMessage, text: "digests before the last plan was done") }
        state = .active
        isAwaitingDigests = false
        hasAskedForDigests = false
        var plan = documents.plan(for: digests, of: device, features)
        if isPermanent { plan.nextSynchronization = UInt64(max(0, device.nextSynchronization.milliseconds)) }
        outbox.append(control: .plan(plan))
        return documents.toPrepare
    }

    mutating func actionReportReceived(_ report: ActionReport) throws(WireError) -> [Action] {
        guard features.capabilities.contains(.actions) else { throw .malformedFrame("a report of actions nobody knows") }
        guard actionReports < ActionExchange.maximum else { return close(.busy, text: "more reports than actions") }
        actionReports += 1
        return [.storeActionReport(report)]
    }

    mutating func outputReceived(_ piece: Muster_V1_RunOutput) throws(WireError) -> [Action] {
        guard features.capabilities.contains(.tasks), !isStoringOutput else {
            throw .malformedFrame("an output before the last was answered")
        }
        var actions: [Action] = []
        if output == nil {
            let first = try IncomingOutput(piece)
            output = first
            actions.append(.reserveMemory(first.memory))
        } else {
            try output?.received(piece)
        }
        guard let whole = output, whole.isComplete else { return actions }
        output = nil
        isStoringOutput = true
        return actions + [.storeOutput(whole)]
    }

    mutating func resultReceived(_ result: Muster_V1_DocumentResult) -> [Action] {
        guard let name = DocumentName(rawValue: result.document), documents.resultReceived(name) else {
            return close(.unexpectedMessage, text: "a result for a document that was not sent")
        }
        guard result.status == .stored, let digest = Digest(bytes: Array(result.digest)) else { return [] }
        return [.delivered(name, digest)]
    }

    mutating func eventsReceived(_ batch: Muster_V1_EventBatch) throws(WireError) -> [Action] {
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
    mutating func beginEpoch(_ epoch: UInt64) throws(WireError) {
        guard epoch != 0, !hasEvents, device.positions[epoch] == nil else {
            throw .eventsOutOfOrder("a new epoch begins with the first batch of a session, and nothing of it is stored")
        }
        eventEpoch = epoch
        nextEvent = 1
    }

    mutating func renewalReceived(_ renewal: Muster_V1_RenewalRequest) -> [Action] {
        switch state {
        case .active, .renewing: break
        default: return close(.unexpectedMessage)
        }
        guard device.renewal != .none, !isIssuing else { return close(.unexpectedMessage, text: "renewal is not due") }
        isIssuing = true
        return [.issueCertificate(request: Array(renewal.certificateRequest))]
    }

    mutating func doneReceived() -> [Action] {
        guard case .active = state, !isAwaitingDigests, documents.isDone, batchesInFlight == 0, !isIssuing,
            actionReports == 0, output == nil, !isStoringOutput
        else { return close(.unexpectedMessage, text: "Done before everything was done") }
        state = .complete
        return [.completed(next: isPermanent && !isReleasing ? device.nextSynchronization : nil)] + letGoIfDone()
    }

    /// Only at rest: what is under way is done first.
    mutating func letGoIfDone() -> [Action] {
        guard isReleasing, case .complete = state, documents.isDone, batchesInFlight == 0, actionReports == 0, output == nil,
            !isStoringOutput
        else { return [] }
        return close(.permanentConnectionEnded, retryAfter: device.nextSynchronization)
    }

    /// Not a synchronization: nothing is completed.
    mutating func probeEnded() -> [Action] {
        state = .closed
        outbox.removeAll()
        return [.close(.done, text: "")]
    }

    mutating func goodbyeReceived(_ goodbye: Muster_V1_Goodbye) -> [Action] {
        state = .closed
        outbox.removeAll()
        return [.close(CloseReason(rawValue: goodbye.reason) ?? .closedByPeer, text: goodbye.text)]
    }

    mutating func pingReceived(_ ping: Muster_V1_Ping) -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        var pong = Muster_V1_Pong()
        pong.id = ping.id
        outbox.append(control: .pong(pong))
        return []
    }
}

// MARK: The rules inside

extension ServerSession {
    var isServed: Bool {
        switch state {
        case .active, .complete: true
        case .awaitingHello, .judging, .renewing, .probed, .closed: false
        }
    }

    var owesAnswer: Bool { documents.owesAnswer || batchesInFlight > 0 || isIssuing || actionReports > 0 }

    mutating func checked(_ rule: (inout Self) throws -> [Action]) -> [Action] {
        do {
            return try rule(&self)
        } catch {
            let error = error as? WireError ?? .malformedFrame("\(error)")
            return close(error.closeReason, text: error.reason)
        }
    }

    mutating func close(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        state = .closed
        outbox.removeAll()
        documents = ServerDocuments()
        outbox.append(control: .goodbye(Muster_V1_Goodbye(reason, retryAfter: retryAfter, text: text)))
        return [.close(reason, text: text)]
    }
}
