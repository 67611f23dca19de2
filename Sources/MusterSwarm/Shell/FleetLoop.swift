import MusterAgent
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix

/// The devices of one event loop with their timers and connections. No thread and no task a device: everything of this class runs on its
/// loop, and what takes time (keys, documents) on a pool.
final class FleetLoop {
    /// Called when a connection has ended, in place of what the device would do next.
    typealias Director = (Int, SimulatedDevice.End) -> Void

    let eventLoop: any EventLoop
    let connector: DeviceConnector
    let documents: FleetDocuments
    private let token: EnrolmentTokenText?
    private let pool: NIOThreadPool
    private let start: NIODeadline
    private(set) var devices: [SimulatedDevice]
    private var timers: [Scheduled<Void>?]
    private var sessions: [DeviceSessionHandler?]
    /// Where each device is, for datagrams that name it.
    private var slots: [DeviceID: Int]
    /// The server's key by the certificate it showed last: the same for thousands of connections.
    private var shown: (certificate: [UInt8], key: PublicKey)?
    /// The measured time is over: nobody connects any more but for events.
    private var isEnding = false
    private var isStopping = false
    private(set) var openConnections = 0
    /// Connections on which something is still under way or expected: permanent ones at rest are not among them.
    var busyConnections: Int { openConnections - sessions.count { $0?.isAtRest == true } }
    var director: Director?
    var raising: EventRaising?
    var tally = Tally()

    init(
        eventLoop: any EventLoop, connector: DeviceConnector, documents: FleetDocuments, token: EnrolmentTokenText?,
        pool: NIOThreadPool, start: NIODeadline, devices: [SimulatedDevice]
    ) {
        self.eventLoop = eventLoop
        self.connector = connector
        self.documents = documents
        self.token = token
        self.pool = pool
        self.start = start
        self.devices = devices
        timers = Array(repeating: nil, count: devices.count)
        sessions = Array(repeating: nil, count: devices.count)
        let known = devices.enumerated().compactMap { slot, device in device.identity.map { ($0.device, slot) } }
        slots = Dictionary(known) { first, _ in first }
    }

    /// The run's clock.
    var now: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

    func facts(_ slot: Int) -> SessionFacts { devices[slot].facts }

    func update(_ slot: Int, _ change: (inout SimulatedDevice) -> Void) { change(&devices[slot]) }

    func schedule(in time: Duration, _ body: @escaping () -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(time.nanoseconds), body)
    }

    /// Runs `work` on the pool and `then` back here; nothing happens after a failure, which only a pool that is shut down has.
    func offLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        pool.runIfActive(eventLoop: eventLoop, work).assumeIsolated().whenSuccess(then)
    }

    // MARK: What devices order

    func perform(_ order: SimulatedDevice.Order, _ slot: Int) {
        guard !isStopping else { return }
        switch order {
        case .wait(let time):
            timers[slot]?.cancel()
            timers[slot] = schedule(in: time) { self.timerFired(slot) }
        case .enrol: enrol(slot)
        case .connect(let reason): connect(slot, reason)
        case .eventsAppended: sessions[slot]?.eventsAppended(next: devices[slot].spool.position.next)
        case .synchronize: sessions[slot]?.synchronize()
        case .none: break
        }
    }

    private func timerFired(_ slot: Int) {
        guard !isEnding || devices[slot].unacknowledgedEvents > 0 else { return }
        perform(devices[slot].timerFired(), slot)
    }

    private func connect(_ slot: Int, _ reason: Muster_V1_HelloReason) {
        let connection = DeviceConnection(loop: self, slot: slot)
        let session = DeviceSessionHandler(connection, reason: reason)
        connector.connect(
            connection, identity: devices[slot].identity, handlers: [FrameHandler(limit: FrameLimits.inSession), session])
    }

    func connectBare(_ slot: Int, hangsUp: Bool) {
        let connection = DeviceConnection(loop: self, slot: slot)
        let handler = BareHandshakeHandler(connection, hangsUp: hangsUp)
        connector.connect(connection, identity: devices[slot].identity, handlers: [handler])
    }

    private func enrol(_ slot: Int) {
        guard let token else { return }
        let (documents, device) = (documents, devices[slot].index)
        offLoop {
            let key = PrivateKey.generate()
            return (key, try? CertificateRequest(key: key).der, documents.digests(of: device))
        } then: { key, request, digests in
            self.devices[slot].facts.reported = digests
            let connection = DeviceConnection(loop: self, slot: slot)
            let machine = AgentEnrolment(
                tokenID: token.id, tokenSecret: token.secret.bytes, certificateRequest: request ?? [],
                agentVersion: AgentVersion.current, hostName: FleetDocuments.hostName(device))
            let handler = DeviceEnrolmentHandler(connection, machine: machine, keyPEM: key.pem)
            self.connector.connect(
                connection, identity: nil, handlers: [FrameHandler(limit: FrameLimits.inSession), handler])
        }
    }

    /// What is under way comes to its end; what was raised is still delivered.
    func end() {
        isEnding = true
        raising?.stop()
    }

    func stop() {
        isStopping = true
        raising?.stop()
        for timer in timers { timer?.cancel() }
        for slot in devices.indices { devices[slot].stopped() }
        for session in sessions { session?.stop() }
    }
}

// MARK: What connections tell

extension FleetLoop {
    func opening(_ slot: Int, _ reason: Muster_V1_HelloReason) -> AgentSession.Opening {
        let device = devices[slot]
        var opening = AgentSession.Opening(
            agentVersion: AgentVersion.current, runID: device.facts.runID, bootID: Array(repeating: 0, count: 16), reason: reason,
            session: device.facts.session, requestCounter: device.requests.counter, events: device.spool.position,
            reported: device.facts.reported,
            acknowledged: device.facts.acknowledged, held: device.facts.held, serverFeatures: device.facts.serverFeatures,
            time: .now())
        opening.isPermanent = device.wasPermanent
        opening.actions = device.actions.reports
        opening.outputs = device.runs.waiting
        opening.statistics = device.statistics(time: .now(), now: now)
        return opening
    }

    func connectionBegun() {
        tally.connections += 1
        openConnections += 1
    }

    func enrolled(_ slot: Int, _ identity: Identity) {
        devices[slot].enrolled(identity)
        slots[identity.device] = slot
        tally.enrolments += 1
    }

    func sessionOpened(_ slot: Int, _ session: DeviceSessionHandler) { sessions[slot] = session }

    func synchronized(_ slot: Int, _ summary: SessionSummary, _ reason: Muster_V1_HelloReason, after time: Duration) {
        tally.synchronizations += 1
        if summary.documentsSent == 0, summary.documentsReceived == 0, summary.events == 0 { tally.unchanged += 1 }
        tally.documentsSent += summary.documentsSent
        tally.documentBytesSent += summary.documentBytesSent
        tally.documentsReceived += summary.documentsReceived
        if reason != .event { tally.synchronizationTime.record(time) }
        if let time = devices[slot].requests.synchronized(now: now) { tally.requestTime.record(time) }
    }

    /// Done was said on a connection that stays. - Parameter next: the server's word, from now.
    func rested(_ slot: Int, next: Duration) {
        if !devices[slot].isPermanent {
            tally.permanentConnections += 1
            if devices[slot].wasPermanent { tally.permanentReturns += 1 }
        }
        perform(devices[slot].rested(next: next, now: now), slot)
    }

    /// A datagram that names this device, if it is one of this loop's.
    func datagramReceived(_ bytes: [UInt8], for device: DeviceID) {
        guard let slot = slots[device] else { return }
        tally.requestsReceived += 1
        let accepted = devices[slot].requests.received(bytes, instant: .now, time: .now(), now: now)
        guard let isOneOfMany = accepted else { return }
        tally.requestsAccepted += 1
        perform(devices[slot].requestAccepted(isOneOfMany: isOneOfMany, now: now), slot)
    }

    /// Whom the device believes connection requests of from now on.
    func serverShown(_ slot: Int, _ certificate: [UInt8]?, serverTime: Timestamp) {
        if let certificate, certificate != shown?.certificate, let facts = try? CertificateFacts(der: certificate) {
            shown = (certificate, facts.publicKey)
        }
        guard let identity = devices[slot].identity else { return }
        let trust = ConnectionRequestGate.Trust(device: identity.device, serverKey: shown?.key, pins: connector.pins)
        devices[slot].requests.learnt(trust, serverTime: serverTime, time: .now())
    }

    func actionOrdered(_ slot: Int, _ order: ActionOrder) -> ActionReport {
        let (report, isNew) = devices[slot].actions.accept(order, time: .now(), now: now)
        guard isNew else { return report }
        tally.actionsAccepted += 1
        for event in devices[slot].runs.run(order, time: .now()) { raise(event, slot) }
        return report
    }

    /// In the same turn as what made it: it is said after that.
    private func raise(_ event: DeviceEvent, _ slot: Int) {
        guard let order = devices[slot].eventRaised(event, now: now) else {
            tally.eventsDropped += 1
            return
        }
        tally.eventsRaised += 1
        eventLoop.assumeIsolated().execute { self.perform(order, slot) }
    }

    func outputForgotten(_ slot: Int, _ run: RunID) { devices[slot].runs.forget(run) }

    func actionFinished(_ slot: Int, _ id: ActionID) -> ActionReport { devices[slot].actions.finish(id, time: .now()) }

    func actionSettled(_ slot: Int, _ id: ActionID) {
        guard let time = devices[slot].actions.forget(id, now: now) else { return }
        tally.actionsDone += 1
        tally.actionTime.record(time)
    }

    func handshakeEnded(after time: Duration) { tally.synchronizationTime.record(time) }

    func eventsAcknowledged(_ slot: Int, epoch: UInt64, through last: UInt64) {
        for time in devices[slot].spool.acknowledge(epoch: epoch, through: last, now: now) {
            tally.eventTime.record(time)
            tally.eventsAcknowledged += 1
        }
    }

    func renumbered(_ slot: Int) -> EventPosition {
        devices[slot].spool.renumber(epoch: .random(in: 1 ... .max))
    }

    func connectionEnded(_ slot: Int, _ end: SimulatedDevice.End, text: String) {
        sessions[slot] = nil
        openConnections -= 1
        count(end, text)
        let order = devices[slot].connectionEnded(end, now: now)
        if let director { director(slot, end) } else { perform(order, slot) }
    }

    private func count(_ end: SimulatedDevice.End, _ text: String) {
        switch end {
        case .complete, .enrolled, .failed(.certificateRenewed, _), .failed(.agentStopping, _): break
        case .failed(.enrolmentLimit, _): tally.enrolmentsPutOff += 1
        case .failed(let reason, _): if !isStopping { tally.failed(reason, text) }
        }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(max(seconds, 0), 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
