import MusterModel
import NIOCore

/// On the listening socket: paces rather than refuses. While `AdmissionPace` says wait it does not read, and sockets wait in the backlog; past
/// the limit of connections a socket is closed unread.
final class AdmissionHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let context: GatewayContext
    private var pace: AdmissionPace
    private var isWaiting = false

    init(_ context: GatewayContext) {
        self.context = context
        let limits = context.limits
        pace = AdmissionPace(
            handshakes: limits.handshakes, rate: limits.acceptRate, burst: limits.acceptBurst, now: context.now())
    }

    func read(context: ChannelHandlerContext) {
        let wait = pace.wait(underWay: self.context.counters.arriving, now: self.context.now())
        guard wait > .zero else { return context.read() }
        guard !isWaiting else { return }
        isWaiting = true
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: TimeAmount(wait)) {
            let (handler, context) = bound.value
            handler.isWaiting = false
            handler.read(context: context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pace.accepted(underWay: self.context.counters.arriving, now: self.context.now())
        let child = unwrapInboundIn(data)
        guard self.context.counters.opened(limit: self.context.limits.connections) else { return child.close(promise: nil) }
        context.fireChannelRead(data)
    }
}
