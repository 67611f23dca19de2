import FoundationEssentials
package import MusterModel
package import MusterWire

/// The agent's end of one session, from Hello to Done: takes facts, returns orders; the shell (MusterAgent, `Link`) runs them and writes
/// what `nextFrame` gives whenever the channel takes more. No sockets, no clock, no disk.
package struct AgentSession: Sendable {
    enum State {
        /// Hello is queued or sent. Can go to: synchronizing, awaitingPlan, renewing, closed.
        case awaitingWelcome
        /// The server asked for digests, or the agent offered new ones. Can go to: synchronizing, closed.
        case awaitingPlan
        /// Documents and events travel. Can go to: awaitingPlan, complete, closed.
        case synchronizing
        /// The certificate has expired: nothing but renewal is served. Can go to: closed.
        case renewing
        /// Done is said; a periodic session closes, a permanent one goes on: news are sent as they come, until the next synchronization.
        /// Can go to: awaitingPlan, closed.
        case complete
        case closed
    }

    package enum Action: Hashable, Sendable {
        /// Answer with `eventsRead`.
        case readEvents(after: UInt64, maximumBytes: Int)
        case deleteEvents(epoch: UInt64, through: UInt64)
        /// Is the event of that number here the one with that stamp? Answer with `storedJudged`.
        case judgeStored(StoredPlace)
        /// The device was put back to an earlier copy: put what is held under a new epoch, with an event that says so (the server has
        /// that much of the old one); answer with `epochBegun`.
        case beginEpoch(StoredPlace)
        /// Make it ready off the loop, as a patch when the body of digest `basis` is at hand; answer with `documentReady`.
        case prepareDocument(DocumentName, basis: Digest?)
        /// The server holds this state of the document: keep it as the basis of the next patch, if it is at hand. It may have been sent
        /// in an earlier session whose end was lost.
        case keepAcknowledged(DocumentName, Digest)
        /// Assemble and store it off the loop; answer with `documentHeld`.
        case hold(IncomingDocument)
        /// A new key, saved before anything is sent; answer with `certificateRequestReady`.
        case makeCertificateRequest
        /// Durable first; answer with `certificateSaved`.
        case saveCertificate([UInt8])
        case learn(ServerWord)
        /// The next synchronization, from now, in place of what `learn` said.
        case learnNext(Duration)
        /// Write it down; answer with `actionAccepted`.
        case acceptAction(ActionOrder)
        /// Look at everything on the device anew; answer with `collected`.
        case collect
        /// It did what it was to do: write that down; answer with `actionFinished`.
        case finishAction(ActionID)
        /// The server has stored its end.
        case forgetAction(ActionID)
        /// Answer with `outputRead`.
        case readOutput(RunID)
        /// The server has it, or does not want it.
        case forgetOutput(RunID)
        /// Somebody looks at them: now, and so often; nil: no more.
        case sayStatistics(every: Duration?)
        /// Everything there was is done; say `finish` now, or later when more events are likely.
        case settled
        /// Done was said in a permanent session: a complete synchronization, and the session goes on.
        case synchronized
        case close(CloseReason, retryAfter: Duration?, text: String)
    }

    private let opening: Opening
    var state = State.awaitingWelcome
    var outbox = Outbox()
    var features: FeatureSet
    var documents: DocumentExchange
    var events: EventStream
    var renewal = RenewalProgress.notNeeded
    var actions = ActionExchange()
    var outputs: OutputStream
    /// Digests are to be said whether or not something changed here: the server wants them, or a synchronization is due.
    var isOfferDue = false
    /// The server keeps this session open after Done.
    package internal(set) var isPermanent = false
    var pings: UInt64 = 0
    /// The server takes this device for a copy, and gives it what it needs to become one of its own.
    package internal(set) var enrolmentToken: String?
    package internal(set) var summary = SessionSummary()

    package init(_ opening: Opening) {
        self.opening = opening
        features = FeatureSet.own.common(with: opening.serverFeatures)
        documents = DocumentExchange(reported: opening.reported, acknowledged: opening.acknowledged, held: opening.held)
        events = EventStream(position: opening.events)
        outputs = OutputStream(opening.outputs)
        outbox.append(control: .hello(opening.hello(features: features)))
    }

    /// The next frame to write, by priority; nil when there is none for now.
    package mutating func nextFrame() -> Muster_V1_Frame? { outbox.next() }

    /// True once Done has been taken to be written.
    package var isComplete: Bool {
        if case .complete = state { outbox.isEmpty } else { false }
    }

    /// Done is said and nothing happens until something changes.
    package var isAtRest: Bool { if case .complete = state { true } else { false } }
}

// MARK: What comes from the server

extension AgentSession {
    package mutating func received(_ frame: Muster_V1_Frame) -> [Action] {
        if case .closed = state { return [] }
        if outbox.isOverfull { return close(.busy, text: "answers are not read") }
        return switch frame.body {
        case .welcome(let welcome): welcomeReceived(welcome)
        case .plan(let plan): planReceived(plan)
        case .document(let head): whileServed { try $0.documents.headReceived(head) }
        case .chunk(let chunk): whileServed { try $0.documents.chunkReceived(chunk) }
        case .result(let result): whileServed { try $0.documents.resultReceived(result) }
        case .eventsStored(let stored): eventsStoredReceived(stored)
        case .certificate(let certificate): certificateReceived(certificate)
        case .ping(let ping): pingReceived(ping)
        case .goodbye(let goodbye): goodbyeReceived(goodbye)
        case .pong, nil: settleIfDone()
        case .digestsWanted: digestsWantedReceived()
        case .action(let action): whileServed { try $0.actions.received(action) }
        case .actionChunk(let chunk): whileServed { try $0.actions.received(chunk) }
        case .actionSettled(let settled): actionSettledReceived(settled)
        case .statisticsWanted(let wanted): statisticsWantedReceived(wanted)
        case .runOutputStored(let stored): whileServed { try $0.outputStoredReceived(stored) }
        case .hello, .digests, .events, .renewal, .done, .enrolment, .enrolled, .actionReport, .statistics, .runOutput:
            close(.unexpectedMessage)
        }
    }

    mutating func welcomeReceived(_ welcome: Muster_V1_Welcome) -> [Action] {
        guard case .awaitingWelcome = state else { return close(.unexpectedMessage) }
        let server = FeatureSet(welcome.features)
        features = FeatureSet.own.common(with: server)
        isPermanent = welcome.permanent && features.capabilities.contains(.permanentConnections)
        var actions: [Action] = [.learn(ServerWord(welcome))]
        switch welcome.renewal {
        case .only:
            state = .renewing
            renewal = .requested
            return actions + [.makeCertificateRequest]
        case .due:
            renewal = .requested
            actions.append(.makeCertificateRequest)
        case .none, .UNRECOGNIZED: break
        }
        let stored = StoredPlace(last: welcome.eventsStored, stamp: welcome.storedStamp)
        actions += events.welcomed(stored: stored, credit: Int(welcome.eventCredit))
        if welcome.wantDigests {
            state = .awaitingPlan
            outbox.append(control: .digests(documents.digests(features: features)))
        } else {
            state = .synchronizing
            actions += documents.planned(welcome.hasPlan ? welcome.plan : Muster_V1_DocumentPlan(), features: features)
        }
        actions += takeUpActions() + say(opening.statistics)
        return actions + events.pump() + settleIfDone()
    }

    /// What earlier sessions left unfinished, or finished without the server's word that it knows.
    mutating func takeUpActions() -> [Action] {
        guard features.capabilities.contains(.actions) else { return [] }
        return opening.actions.prefix(ActionExchange.maximum).flatMap { report in run(actions.remembered(report)) }
    }

    mutating func run(_ start: ActionStart) -> [Action] {
        for report in start.reports { outbox.append(control: .actionReport(report.message)) }
        return start.actions
    }

    mutating func say(_ statistics: DeviceStatistics?) -> [Action] {
        guard let statistics, features.capabilities.contains(.statistics) else { return [] }
        outbox.append(control: .statistics(statistics.message))
        return []
    }

    mutating func digestsWantedReceived() -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        isOfferDue = true
        return offerChanges()
    }

    mutating func statisticsWantedReceived(_ wanted: Muster_V1_StatisticsWanted) -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        let period = max(DeviceStatistics.shortestPeriod, .milliseconds(Int64(clamping: wanted.every)))
        return [.sayStatistics(every: wanted.every > 0 ? period : nil)] + settleIfDone()
    }

    mutating func actionSettledReceived(_ settled: Muster_V1_ActionSettled) -> [Action] {
        guard isServed, let id = ActionID(bytes: Array(settled.id)) else { return close(.unexpectedMessage) }
        return actions.settled(id) + settleIfDone()
    }

    mutating func planReceived(_ plan: Muster_V1_DocumentPlan) -> [Action] {
        guard case .awaitingPlan = state else { return close(.unexpectedMessage) }
        state = .synchronizing
        var learnt: [Action] = []
        if plan.nextSynchronization > 0 {
            learnt.append(.learnNext(.milliseconds(Int64(clamping: plan.nextSynchronization))))
        }
        return learnt + documents.planned(plan, features: features) + settleIfDone()
    }

    mutating func eventsStoredReceived(_ stored: Muster_V1_EventsStored) -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        let deleted = events.stored(epoch: stored.epoch, through: stored.last)
        return deleted + events.pump() + settleIfDone() + pumpOutputs()
    }

    mutating func certificateReceived(_ certificate: Muster_V1_CertificateIssued) -> [Action] {
        guard case .sent = renewal else { return close(.unexpectedMessage) }
        renewal = .saving
        return [.saveCertificate(Array(certificate.certificate))]
    }

    mutating func pingReceived(_ ping: Muster_V1_Ping) -> [Action] {
        var pong = Muster_V1_Pong()
        pong.id = ping.id
        outbox.append(control: .pong(pong))
        return settleIfDone()
    }

    mutating func goodbyeReceived(_ goodbye: Muster_V1_Goodbye) -> [Action] {
        state = .closed
        if goodbye.reason == CloseReason.enrolAnew.rawValue { enrolmentToken = goodbye.enrolmentToken }
        outbox.removeAll()
        let retry: Duration? = goodbye.retryAfter == 0 ? nil : .milliseconds(Int64(clamping: goodbye.retryAfter))
        return [.close(CloseReason(rawValue: goodbye.reason) ?? .closedByPeer, retryAfter: retry, text: goodbye.text)]
    }
}

// MARK: The rules inside

extension AgentSession {
    /// Documents and renewal are done: new events alone would keep the session from its end.
    package var hasOnlyEventsLeft: Bool {
        guard case .synchronizing = state else { return false }
        return documents.isSettled && !documents.hasChanges && !isOfferDue && renewal.isSettled && actions.isSettled
    }

    var isServed: Bool {
        switch state {
        case .awaitingPlan, .synchronizing, .complete: true
        case .awaitingWelcome, .renewing, .closed: false
        }
    }

    var isSettled: Bool {
        documents.isSettled && events.isSettled && renewal.isSettled && actions.isSettled && outputs.isSettled
    }

    /// Outputs come last, and only when the server knows the ends of their runs.
    mutating func pumpOutputs() -> [Action] {
        guard features.capabilities.contains(.tasks) else {
            outputs = OutputStream([])
            return []
        }
        return isServed && events.isSettled ? outputs.pump() : []
    }

    mutating func outputStoredReceived(_ stored: Muster_V1_RunOutputStored) throws(WireError) -> [Action] {
        try outputs.stored(stored)
    }

    mutating func settleIfDone() -> [Action] {
        guard case .synchronizing = state, documents.isSettled else { return [] }
        if documents.hasChanges || isOfferDue { return offerChanges() }
        return actions.synchronized() + pumpOutputs() + (isSettled ? [.settled] : [])
    }

    mutating func offerChanges() -> [Action] {
        guard documents.isSettled, documents.hasChanges || isOfferDue else { return [] }
        switch state {
        case .synchronizing, .complete:
            state = .awaitingPlan
            isOfferDue = false
            outbox.append(control: .digests(documents.digests(features: features)))
        case .awaitingWelcome, .awaitingPlan, .renewing, .closed: break
        }
        return []
    }

    mutating func whileServed(_ rule: (inout Self) throws -> [Action]) -> [Action] {
        guard isServed else { return close(.unexpectedMessage) }
        do {
            return try rule(&self) + settleIfDone() + pumpOutputs()
        } catch {
            let error = error as? WireError ?? .malformedFrame("\(error)")
            return close(error.closeReason, text: error.reason)
        }
    }

    mutating func close(_ reason: CloseReason, text: String = "") -> [Action] {
        state = .closed
        outbox.removeAll()
        outbox.append(control: .goodbye(Muster_V1_Goodbye(reason, retryAfter: nil, text: text)))
        return [.close(reason, retryAfter: nil, text: text)]
    }
}

/// How far the renewal of the device's certificate is in a session.
enum RenewalProgress: Sendable {
    case notNeeded, requested, sent, saving, saved

    var isSettled: Bool {
        switch self {
        case .notNeeded, .saved: true
        case .requested, .sent, .saving: false
        }
    }
}
