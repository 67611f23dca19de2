import NIOCore
import NIOTLS

/// Says when TLS is up, or why it is not: without it the first write or read would report only a closed channel.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    struct TimedOut: Error {}
    struct Ended: Error {}

    private let done: EventLoopPromise<Void>
    private let limit: TimeAmount
    private var timer: Scheduled<Void>?

    /// - Parameter limit: a handshake takes a few round trips.
    init(done: EventLoopPromise<Void>, within limit: TimeAmount) {
        self.done = done
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: limit) { [done] in
            done.fail(TimedOut())
            channel.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { finish(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(Ended()))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish(.failure(Ended())) }

    private func finish(_ result: Result<Void, any Error>) {
        timer?.cancel()
        timer = nil
        done.completeWith(result)
    }
}

/// Ends a connection on which nothing arrived for long: answers come at once, and a follower hears a heartbeat every 15 s.
final class SilenceWatch: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    struct Silent: Error {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.fireErrorCaught(Silent())
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
