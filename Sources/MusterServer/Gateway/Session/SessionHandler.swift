import Logging
import MusterModel
import MusterSession
import MusterWire
import NIOCore

/// Runs one session: the rules are `ServerSession`'s. Moves frames on the event loop; storing, assembling and signing run elsewhere and come
/// back here, events and documents each in order (`SessionHandler+Work`). Who it is: `SessionHandler+Judging`.
final class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = Muster_V1_Frame
    typealias OutboundOut = Muster_V1_Frame

    let connection: Connection
    var machine = ServerSession()
    var device: KnownDevice?
    var session: UInt64 = 0
    /// Work that must keep its order: events and gaps in one lane, documents in the other.
    var eventWork = WorkLane()
    var documentWork = WorkLane()
    var reservedMemory = 0
    /// Until it is judged.
    var certificate: [UInt8]?
    let frames: FrameHandler
    /// Nothing more is said, or nobody is there any more.
    private(set) var isClosing = false
    private var isFirstFrameHere = false
    private var silence = LazyTimer()
    private var timeout: Scheduled<Void>?
    /// The device said something after Welcome: it has kept the session's number.
    private var isProven = false
    /// They wait to hear whether this device is still there.
    private var proofs: [EventLoopPromise<Bool>] = []

    init(_ connection: Connection, certificate: [UInt8]?, frames: FrameHandler) {
        self.connection = connection
        self.certificate = certificate
        self.frames = frames
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        expect(within: connection.context.limits.firstFrameTimeout, context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended(context.channel) }

    func channelInactive(context: ChannelHandlerContext) {
        ended(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        isFirstFrameHere = true
        let frame = unwrapInboundIn(data)
        noteProof(in: frame)
        run(machine.received(frame), context: context)
        if !machine.isProofAwaited { answerProofs(true) }
        expectMore(context: context)
    }

    /// A device that could not write down what Welcome said leaves with Goodbye.
    private func noteProof(in frame: Muster_V1_Frame) {
        guard let device, !isProven else { return }
        if case .goodbye = frame.body { return }
        isProven = true
        connection.context.directory.sessionProven(device.id, session)
    }

    private func expectMore(context: ChannelHandlerContext) {
        guard !isClosing else { return }
        expect(within: machine.silence ?? connection.context.limits.idleTimeout, context: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        drain(context: context)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        drain(context: context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? ConnectionOrder {
        case .stop(let reason, let retryAfter): run(machine.stop(reason, retryAfter: retryAfter), context: context)
        case .desired(let desired, let next):
            run(machine.desiredChanged(desired, nextSynchronization: next), context: context)
        case .action(let order):
            if machine.order(order) { connection.context.actions.said(order.id) }
            drain(context: context)
        case .statisticsWanted(let period):
            machine.statisticsWanted(every: period)
            drain(context: context)
        case .permanence(let isWanted): run(machine.permanenceChanged(isWanted), context: context)
        case .prove(let promise): prove(promise, context: context)
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? WireError {
            run(machine.stop(error.closeReason, text: error.reason), context: context)
        } else {
            connection.note(.closedByPeer, text: ErrorWords.text(of: error))
            context.close(promise: nil)
        }
    }

    private func expect(within time: Duration, context: ChannelHandlerContext) {
        follow(silence.expect(within: time, now: Self.uptime), context: context)
    }

    private static var uptime: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    private func follow(_ order: LazyTimer.Order, context: ChannelHandlerContext) {
        guard case .set(let time) = order else { return }
        timeout?.cancel()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(time)) {
            let (handler, context) = bound.value
            handler.timerFired(context: context)
        }
    }

    private func timerFired(context: ChannelHandlerContext) {
        guard !isClosing else { return }
        if let order = silence.fired(now: Self.uptime) { return follow(order, context: context) }
        fellSilent(context: context)
    }

    private func fellSilent(context: ChannelHandlerContext) {
        run(isFirstFrameHere ? machine.fellSilent() : machine.stop(.firstFrameTimeout), context: context)
        expectMore(context: context)
    }

    /// Machines that may wait to hear of this one at once, for 5 s at most; others are told to come again.
    private static let maximumProofs = 256

    private func prove(_ promise: EventLoopPromise<Bool>, context: ChannelHandlerContext) {
        guard proofs.count < Self.maximumProofs else { return promise.fail(TooManyProofs()) }
        guard !isClosing, machine.askForProof() else { return promise.succeed(false) }
        proofs.append(promise)
        drain(context: context)
    }

    private func answerProofs(_ isThere: Bool) {
        for promise in proofs { promise.succeed(isThere) }
        proofs = []
    }

    private func ended(_ channel: any Channel) {
        timeout?.cancel()
        answerProofs(false)
        isClosing = true
        connection.context.budget.release(reservedMemory)
        reservedMemory = 0
        if let device, connection.context.directory.closed(device.id, channel: channel, now: connection.context.now()) {
            connection.context.actions.reachOnce(device.id)
        }
        device = nil
    }

    // MARK: The machine's orders

    func run(_ actions: [ServerSession.Action], context: ChannelHandlerContext) {
        for action in actions where !isClosing { perform(action, context: context) }
        drain(context: context)
    }

    private func perform(_ action: ServerSession.Action, context: ChannelHandlerContext) {
        switch action {
        case .judge(let hello): judge(hello, context: context)
        case .reserveMemory(let bytes): reserve(bytes, context: context)
        case .serverRolledBack, .storeLost, .storeEvents:
            eventWork.append(action)
            workOnEvents(context: context)
        case .storeDocument, .prepareDocument, .issueCertificate, .markCertificateUsed, .storeActionReport,
            .storeOutput:
            documentWork.append(action)
            workOnDocuments(context: context)
        case .delivered(let name, let digest):
            if let device { connection.context.directory.delivered(device.id, name, digest) }
        case .statistics(let statistics):
            if let device {
                connection.context.directory.statisticsReceived(device.id, statistics, now: connection.context.now())
            }
        case .completed(let next): completed(next: next)
        case .close(let reason, let text):
            drain(context: context)
            isClosing = true
            connection.close(reason, text: text, on: context.channel)
        }
    }

    private func reserve(_ bytes: Int, context: ChannelHandlerContext) {
        let isReserved = connection.context.budget.reserve(bytes)
        if isReserved { reservedMemory += bytes }
        run(machine.memoryReserved(isReserved), context: context)
    }

    /// - Parameter next: on a permanent connection; another ends with Done.
    private func completed(next: Duration?) {
        guard let device else { return }
        if next == nil, !machine.isPermanent { connection.note(.done) }
        connection.context.directory.synchronized(device.id, next: next, now: connection.context.now())
    }

    private func drain(context: ChannelHandlerContext) {
        guard !isClosing else { return }
        var hasWritten = false
        while context.channel.isWritable, let frame = machine.nextFrame() {
            context.write(wrapOutboundOut(frame), promise: nil)
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }
}

/// More machines come with one identity at once than can be looked at.
struct TooManyProofs: Error {}
