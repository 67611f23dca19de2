import Logging
import MusterModel
import MusterSession
import MusterWire
import NIOCore

/// Runs one enrolment: the rules are `ServerEnrolment`'s.
final class EnrolmentHandler: ChannelInboundHandler {
    typealias InboundIn = Muster_V1_Frame
    typealias OutboundOut = Muster_V1_Frame

    private let connection: Connection
    private var machine = ServerEnrolment()
    private var timeout: Scheduled<Void>?

    init(_ connection: Connection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(connection.context.limits.firstFrameTimeout)) {
            let (handler, context) = bound.value
            handler.run(handler.machine.refused(.firstFrameTimeout), context: context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        timeout?.cancel()
        run(machine.received(unwrapInboundIn(data)), context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .stop(let reason, let retryAfter) = event as? ConnectionOrder {
            run(machine.refused(reason, retryAfter: retryAfter), context: context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? WireError {
            run(machine.refused(error.closeReason, text: error.reason), context: context)
        } else {
            connection.note(.closedByPeer, text: ErrorWords.text(of: error))
            context.close(promise: nil)
        }
    }

    private func run(_ actions: [ServerEnrolment.Action], context: ChannelHandlerContext) {
        while let frame = machine.nextFrame() { context.write(wrapOutboundOut(frame), promise: nil) }
        for action in actions {
            switch action {
            case .enrol(let request): enrol(request, context: context)
            case .close(let reason, let text): connection.close(reason, text: text, on: context.channel)
            }
        }
    }

    private func enrol(_ request: Muster_V1_EnrolmentRequest, context: ChannelHandlerContext) {
        connection.arrived()
        let house = connection.context
        let address = connection.address
        if let wait = house.waitBeforeEnrolment(from: address) {
            return run(machine.refused(.enrolmentLimit, retryAfter: wait), context: context)
        }
        let answer = context.eventLoop.makeFutureWithTask {
            try await house.enroller.enrol(request, from: address, now: house.now())
        }
        answer.assumeIsolated().whenComplete { result in self.answered(result, context: context) }
    }

    private func answered(_ result: Result<Enroller.Outcome, any Error>, context: ChannelHandlerContext) {
        let house = connection.context
        switch result {
        case .success(.enrolled(let device, let certificate, let isNew)):
            connection.device = device
            if isNew { house.counters.enrolled() }
            run(machine.enrolled(device: device, certificate: certificate, pins: house.pins, now: house.now()), context: context)
        case .success(.refused(let reason, let text)):
            house.badToken(from: connection.address)
            run(machine.refused(reason, text: text), context: context)
        case .failure(let error):
            let refusal = StorageRefusal(error)
            house.logger.warning("enrolment.failed", metadata: ["error": "\(error)"])
            run(machine.refused(refusal.reason, retryAfter: refusal.retryAfter), context: context)
        }
    }
}
