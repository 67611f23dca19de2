import NIOCore

/// Below TLS: counts what goes over TCP.
final class ByteCountHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let loop: FleetLoop

    init(_ loop: FleetLoop) { self.loop = loop }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        loop.tally.bytesReceived += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        loop.tally.bytesSent += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }
}
