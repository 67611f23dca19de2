import MusterAgent
import MusterModel
import NIOCore
import NIOTLS

/// Nothing but TLS: reads to the end what the server says after the handshake, and closes; or hangs up first, when it is a server that
/// waits for a word. For comparison with other servers.
final class BareHandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: DeviceConnection
    private let hangsUp: Bool
    private var isUp = false

    init(_ connection: DeviceConnection, hangsUp: Bool) {
        self.connection = connection
        self.hangsUp = hangsUp
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.expect(within: AgentPace.handshakeTimeout, else: .handshakeTimeout, on: context.channel)
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            isUp = true
            // Closed when the server has answered the end of TLS: it has judged the client's certificate by then.
            if hangsUp { connection.close(.complete(next: .zero), on: context.channel) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Whatever was said, it came through the handshake: the client's certificate is taken by then.
        guard isUp, unwrapInboundIn(data).readableBytes > 0 else { return }
        connection.note(.complete(next: .zero))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.failed(error, on: context.channel) }

    func channelInactive(context: ChannelHandlerContext) {
        connection.loop.handshakeEnded(after: connection.age)
        connection.closed()
        context.fireChannelInactive()
    }
}
