import MusterAgent
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import NIOTLS

/// Runs one session of a simulated device: the rules are the real agent's `AgentSession`; what its disk would hold, the device's value does.
final class DeviceSessionHandler: ChannelInboundHandler {
    typealias InboundIn = Muster_V1_Frame
    typealias OutboundOut = Muster_V1_Frame

    private let connection: DeviceConnection
    private let reason: Muster_V1_HelloReason
    private var machine: AgentSession?
    private var context: ChannelHandlerContext?
    private var next: Duration = .zero
    /// Done is on its way: what is raised from here on goes in the next session.
    private var isDone = false
    private var pendingKey: PrivateKey?
    /// How often the server pings a silent permanent connection.
    private var pingInterval = SessionPace.standardPingInterval
    /// When the synchronization under way began, since the connection was begun, and what the ones before it moved.
    private var began = Duration.zero
    private var summaryBefore = SessionSummary()
    /// While somebody looks at the device's statistics.
    private var watching: Scheduled<Void>?
    /// While a session that came for events waits for more of them.
    private var lingering: Scheduled<Void>?

    private var loop: FleetLoop { connection.loop }

    init(_ connection: DeviceConnection, reason: Muster_V1_HelloReason) {
        self.connection = connection
        self.reason = reason
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        lingering?.cancel()
        watching?.cancel()
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.expect(within: AgentPace.handshakeTimeout, else: .handshakeTimeout, on: context.channel)
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let agreed) = event as? TLSUserEvent {
            guard agreed == ProtocolVersion.sessionALPN else {
                return connection.close(.failed(.noApplicationProtocol, retryAfter: nil), on: context.channel)
            }
            connection.expect(within: AgentPace.idleTime, else: .idleTimeout, on: context.channel)
            machine = AgentSession(loop.opening(connection.slot, reason))
            loop.sessionOpened(connection.slot, self)
            drain()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lingering?.cancel()
        lingering = nil
        perform(machine?.received(unwrapInboundIn(data)) ?? [])
        // As a real agent: a permanent connection may be silent for two and a half of the server's ping intervals.
        let silence = isAtRest ? pingInterval * SessionPace.intervalsBeforeDeath : AgentPace.idleTime
        connection.expect(within: silence, else: .idleTimeout, on: context.channel)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        drain()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? WireError {
            perform(machine?.stop(error.closeReason) ?? [])
        } else {
            connection.failed(error, on: context.channel)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        context.fireChannelInactive()
    }

    private func drain() {
        guard let context else { return }
        var hasWritten = false
        while context.channel.isWritable, let frame = machine?.nextFrame() {
            hasWritten = true
            if machine?.isComplete == true, machine?.isPermanent == false {
                writeDone(frame, context)
            } else {
                context.write(wrapOutboundOut(frame), promise: nil)
            }
        }
        if hasWritten { context.flush() }
    }

    private func writeDone(_ frame: Muster_V1_Frame, _ context: ChannelHandlerContext) {
        isDone = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        promise.futureResult.assumeIsolated().whenSuccess { self.done(channel) }
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    private func done(_ channel: any Channel) {
        guard let summary = machine?.summary else { return }
        loop.synchronized(connection.slot, summary, reason, after: connection.age)
        connection.close(.complete(next: next), on: channel)
    }

    // MARK: The device

    func eventsAppended(next: UInt64) {
        guard !isDone else { return }
        lingering?.cancel()
        lingering = nil
        perform(machine?.eventsAppended(next: next) ?? [])
    }

    /// Done was said, and the connection stays.
    var isAtRest: Bool { machine?.isAtRest == true && machine?.isPermanent == true }

    /// Due, on a permanent connection.
    func synchronize() {
        began = connection.age
        perform(machine?.synchronize(statistics) ?? [])
    }

    func stop() { perform(machine?.stop(.agentStopping) ?? []) }

    private var statistics: DeviceStatistics { loop.devices[connection.slot].statistics(time: .now(), now: loop.now) }

    // MARK: The machine's orders

    private func perform(_ actions: [AgentSession.Action]) {
        for action in actions { perform(action) }
        drain()
    }

    private func perform(_ action: AgentSession.Action) {
        let slot = connection.slot
        switch action {
        case .readEvents(let after, let bytes):
            let events = loop.devices[slot].spool.events(after: after, maximumBytes: bytes)
            perform(machine?.eventsRead(events, clockOffset: .zero) ?? [])
        case .deleteEvents(let epoch, let last): loop.eventsAcknowledged(slot, epoch: epoch, through: last)
        case .judgeStored(let stored):
            perform(machine?.storedJudged(stored, isOurs: loop.devices[slot].spool.isOurs(stored)) ?? [])
        case .beginEpoch: perform(machine?.epochBegun(loop.renumbered(slot)) ?? [])
        case .prepareDocument(let name, _): prepare(name)
        case .keepAcknowledged(let name, let digest): loop.update(slot) { $0.facts.acknowledged[name] = digest }
        case .hold(let document): hold(document)
        case .makeCertificateRequest: requestCertificate()
        case .saveCertificate(let certificate):
            guard let key = pendingKey else { return }
            loop.update(slot) { $0.certificateRenewed(keyPEM: key.pem, certificateDER: certificate) }
            perform(machine?.certificateSaved() ?? [])
        case .learn(let word): learn(word)
        case .learnNext(let time): next = min(max(time, .seconds(1)), .hours(27))
        case .acceptAction(let order):
            perform(machine?.actionAccepted(loop.actionOrdered(slot, order)) ?? [])
            // After the events of its end, which were put in the same turn.
            if order.kind == ActionKind.runTask.rawValue {
                loop.eventLoop.assumeIsolated().execute { self.perform(self.machine?.outputAppended(RunID(order.id)) ?? []) }
            }
        case .collect: perform(machine?.collected(loop.devices[slot].facts.reported, statistics) ?? [])
        case .finishAction(let id): perform(machine?.actionFinished(loop.actionFinished(slot, id)) ?? [])
        case .forgetAction(let id): loop.actionSettled(slot, id)
        case .readOutput(let run):
            perform(machine?.outputRead(run, loop.devices[slot].runs.output(of: run)) ?? [])
        case .forgetOutput(let run): loop.outputForgotten(slot, run)
        case .sayStatistics(let period): sayStatistics(every: period)
        case .synchronized: synchronized()
        case .settled: settled()
        case .close(let reason, let retryAfter, let text): close(reason, retryAfter, text)
        }
    }

    private func settled() {
        // What came with the last frame is looked at first: an action that was said right after Welcome.
        guard reason == .event, machine?.isPermanent == false else {
            return loop.eventLoop.assumeIsolated().execute { self.finish() }
        }
        lingering?.cancel()
        lingering = loop.schedule(in: AgentPace.lingering) { self.finish() }
    }

    private func finish() { perform(machine?.finish() ?? []) }

    /// On a connection that stays; unless somebody else says who connects when: then it ends as others do.
    private func synchronized() {
        guard let machine else { return }
        loop.synchronized(connection.slot, machine.summary - summaryBefore, reason, after: connection.age - began)
        summaryBefore = machine.summary
        began = connection.age
        guard loop.director == nil else {
            // Done leaves before the end of the connection does.
            drain()
            connection.note(.complete(next: next))
            return stop()
        }
        loop.rested(connection.slot, next: next)
    }

    private func sayStatistics(every period: Duration?) {
        watching?.cancel()
        watching = nil
        guard let period else { return }
        perform(machine?.statistics(statistics) ?? [])
        watching = loop.schedule(in: period) { self.sayStatistics(every: period) }
    }

    private func close(_ reason: CloseReason, _ retryAfter: Duration?, _ text: String) {
        drain()
        guard let context else { return }
        // Unticked: a good end, and it says when the device is due.
        if reason == .permanentConnectionEnded, machine?.summary.isComplete == true {
            connection.note(.complete(next: retryAfter ?? next))
        }
        connection.close(.failed(reason, retryAfter: retryAfter), text: text, on: context.channel)
    }

    private func learn(_ word: ServerWord) {
        next = min(max(word.nextSynchronization, .seconds(1)), .hours(27))
        pingInterval = word.pingInterval ?? SessionPace.standardPingInterval
        loop.update(connection.slot) { device in
            device.facts.session = word.session
            device.facts.serverFeatures = word.features
        }
        loop.serverShown(connection.slot, connection.presented.certificate, serverTime: word.time)
    }

    /// Always whole: a device keeps no earlier state of a document.
    private func prepare(_ name: DocumentName) {
        let (documents, device, held) = (loop.documents, connection.device, loop.facts(connection.slot).held)
        loop.offLoop {
            OutgoingDocument(documents.document(name, of: device, held: held), named: name)
        } then: { document in
            self.perform(self.machine?.documentReady(document) ?? [])
        }
    }

    /// The documents `agent` and `settings` have some hundred bytes: not worth leaving the loop for.
    private func hold(_ document: IncomingDocument) {
        var status = Muster_V1_DocumentStatus.basisUnknown
        if document.basis == nil {
            status = (try? document.assembled(basis: nil)) == nil ? .malformed : .stored
        }
        // First, so that the server hears of it in this session.
        if status == .stored { applied(document.name, document.digest) }
        perform(machine?.documentHeld(document.name, document.digest, status: status) ?? [])
    }

    /// It is in force at once, and the server hears of it.
    private func applied(_ document: DocumentName, _ digest: Digest) {
        let documents = loop.documents
        loop.update(connection.slot) { device in
            device.facts.held[document] = digest
            device.facts.reported[.applications] = documents.applications(held: device.facts.held).digest
        }
        perform(machine?.documentsChanged(loop.facts(connection.slot).reported) ?? [])
    }

    private func requestCertificate() {
        let key = PrivateKey.generate()
        pendingKey = key
        guard let request = try? CertificateRequest(key: key).der else { return }
        perform(machine?.certificateRequestReady(request) ?? [])
    }
}
