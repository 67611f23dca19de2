import MusterModel
import MusterSession
import MusterWire
import NIOCore
import NIOSSL
import NIOTLS

/// Waits for TLS to complete, looks at what was agreed and who came, and hands the connection to its session or enrolment.
/// The certificate is judged here, from memory, before a byte of the device is read.
final class GreetingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: Connection
    private var timeout: Scheduled<Void>?
    private var isGreeted = false

    init(_ connection: Connection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let connection = NIOLoopBound(connection, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(self.connection.context.limits.handshakeTimeout)) {
            connection.value.note(.handshakeTimeout)
            channel.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent, case .handshakeCompleted(let negotiated) = event, !isGreeted else {
            // Before there is a session nobody can be told; after it, the session says why.
            if !isGreeted, case .stop(let reason, _) = event as? ConnectionOrder {
                connection.close(reason, on: context.channel)
                return
            }
            context.fireUserInboundEventTriggered(event)
            return
        }
        isGreeted = true
        timeout?.cancel()
        do {
            try greet(negotiated, context: context)
        } catch {
            connection.close(.internalError, text: "\(error)", on: context.channel)
        }
    }

    private func greet(_ negotiated: String?, context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        switch negotiated {
        case ProtocolVersion.sessionALPN:
            let frames = FrameHandler()
            let certificate = try pipeline.handler(type: NIOSSLServerHandler.self).peerCertificate?.toDERBytes()
            try pipeline.addHandlers([frames, SessionHandler(connection, certificate: certificate, frames: frames)])
        case ProtocolVersion.enrolmentALPN:
            try pipeline.addHandlers([FrameHandler(), EnrolmentHandler(connection)])
        default:
            connection.close(.noApplicationProtocol, on: context.channel)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isGreeted { context.fireChannelRead(data) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isGreeted {
            context.fireErrorCaught(error)
        } else {
            connection.note(CloseReason(handshakeError: error), text: ErrorWords.text(of: error))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        connection.closed(context.channel)
        context.fireChannelInactive()
    }
}

extension CloseReason {
    /// What ended a TLS handshake. BoringSSL names an alert of the other side in its reason: `SSLV3_ALERT_…`, `TLSV1_…`.
    init(handshakeError error: any Error) {
        switch error as? NIOSSLError {
        case .handshakeFailed(.sslError(let stack)) where stack.contains(where: { Self.isAlert("\($0)") }):
            self = .handshakeRefusedByPeer
        case .handshakeFailed(.sslError([.eofDuringHandshake])): self = .closedByPeer
        case .uncleanShutdown, .handshakeFailed(.zeroReturn), .handshakeFailed(.syscallError): self = .closedByPeer
        default: self = error is IOError ? .closedByPeer : .handshakeFailed
        }
    }

    private static func isAlert(_ error: String) -> Bool { error.contains(":SSLV3_ALERT_") || error.contains(":TLSV1_") }
}

extension TimeAmount {
    init(_ duration: Duration) { self = .milliseconds(duration.milliseconds) }
}
