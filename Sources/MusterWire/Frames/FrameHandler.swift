package import NIOCore

/// Frames in a channel, after TLS: bytes in, frames out, and the other way in pieces of at most 4 KiB. Holds no rules; bad bytes come
/// out as a `WireError` once, and nothing is read after it.
package final class FrameHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = Muster_V1_Frame
    package typealias OutboundIn = Muster_V1_Frame
    package typealias OutboundOut = ByteBuffer

    private var codec: FrameCodec
    private var received = ByteBuffer()
    private var hasFailed = false

    package init(limit: Int = FrameLimits.beforeAuthorization) { codec = FrameCodec(limit: limit) }

    /// The other side is recognized now. Only on the channel's event loop.
    package func allow(_ limit: Int) { codec.limit = limit }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        do {
            while !hasFailed, let frame = try codec.nextFrame(from: &received) {
                context.fireChannelRead(wrapInboundOut(frame))
            }
            releaseMemory()
        } catch {
            hasFailed = true
            received = ByteBuffer()
            context.fireErrorCaught(error)
        }
    }

    /// What a long frame touched is given back once it has been read.
    private func releaseMemory() {
        if received.readableBytes == 0 {
            received = ByteBuffer()
        } else {
            received.discardReadBytes()
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var bytes = context.channel.allocator.buffer(capacity: 512)
        do {
            try FrameCodec.append(unwrapOutboundIn(data), to: &bytes)
        } catch {
            promise?.fail(error)
            context.fireErrorCaught(error)
            return
        }
        while bytes.readableBytes > FrameLimits.pieceBytes, let piece = bytes.readSlice(length: FrameLimits.pieceBytes) {
            context.write(wrapOutboundOut(piece), promise: nil)
        }
        context.write(wrapOutboundOut(bytes), promise: promise)
    }
}
