import MusterAgent
import MusterModel
import MusterSession
import MusterWire
import NIOCore
import NIOTLS

/// Runs one enrolment: the rules are `AgentEnrolment`'s.
final class DeviceEnrolmentHandler: ChannelInboundHandler {
    typealias InboundIn = Muster_V1_Frame
    typealias OutboundOut = Muster_V1_Frame

    private let connection: DeviceConnection
    private let keyPEM: String
    private var machine: AgentEnrolment

    init(_ connection: DeviceConnection, machine: AgentEnrolment, keyPEM: String) {
        self.connection = connection
        self.machine = machine
        self.keyPEM = keyPEM
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.expect(within: AgentPace.handshakeTimeout, else: .handshakeTimeout, on: context.channel)
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let agreed) = event as? TLSUserEvent {
            guard agreed == AgentTLS.expectedProtocol(nil) else {
                return connection.close(.failed(.noApplicationProtocol, retryAfter: nil), on: context.channel)
            }
            connection.expect(within: AgentPace.idleTime, else: .idleTimeout, on: context.channel)
            drain(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for action in machine.received(unwrapInboundIn(data)) {
            switch action {
            case .adopt(let enrolment):
                let identity = Identity(
                    device: enrolment.device, keyPEM: keyPEM, certificateDER: enrolment.certificate)
                connection.loop.enrolled(connection.slot, identity)
                connection.close(.enrolled, on: context.channel)
            case .close(let reason, let retryAfter, let text):
                drain(context)
                connection.close(.failed(reason, retryAfter: retryAfter), text: text, on: context.channel)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.failed(error, on: context.channel) }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        context.fireChannelInactive()
    }

    private func drain(_ context: ChannelHandlerContext) {
        while let frame = machine.nextFrame() { context.write(wrapOutboundOut(frame), promise: nil) }
        context.flush()
    }
}
