import MusterModel
import MusterWire
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// A TLS connection to a server whose key is in the pin set; anything else ends with its reason. Names and dates of the certificate are not
/// looked at: the device's clock may be anywhere.
struct ServerChannel: Sendable {
    typealias Frames = NIOAsyncChannel<Muster_V1_Frame, Muster_V1_Frame>

    let frames: Frames
    /// As presented, DER.
    let serverCertificate: [UInt8]

    /// - Parameters:
    ///   - proxy: asked for a way to the server; nil for none.
    ///   - identity: nil for an enrolment.
    static func connect(
        to server: ServerAddress, through proxy: ProxyAddress?, pins: [Fingerprint], identity: Identity?,
        trace: ConnectionTrace = ConnectionTrace()
    ) async throws(LinkFailure) -> Self {
        try await connect(
            to: server, through: proxy, identity: identity, presented: PresentedCertificate(pins: pins), trace: trace)
    }

    /// - Parameter presented: hears what the server shows, also when the connection fails.
    static func connect(
        to server: ServerAddress, through proxy: ProxyAddress?, identity: Identity?, presented: PresentedCertificate,
        trace: ConnectionTrace
    ) async throws(LinkFailure) -> Self {
        do {
            let context = try AgentTLS.context(identity)
            let frames = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(AgentPace.connectTimeout.milliseconds))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
                .channelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
                .connect(host: (proxy?.address ?? server).host, port: Int((proxy?.address ?? server).port)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let way = [TraceHandler(trace)] + (proxy.map { [tunnel($0, to: server, presented, trace)] } ?? [])
                        return try pipeline(of: channel, way, context: context, presented: presented)
                    }
                }
            let channel = try await handshaken(frames, presented, identity, server)
            trace.secured()
            return channel
        } catch {
            throw presented.failure
                ?? LinkFailure(connecting: error, to: server, through: trace.marks.connected == nil ? proxy : nil)
        }
    }

    private static func handshaken(
        _ frames: Frames, _ presented: PresentedCertificate, _ identity: Identity?, _ server: ServerAddress
    ) async throws -> Self {
        do {
            guard try await presented.handshake(on: frames.channel) == AgentTLS.expectedProtocol(identity) else {
                throw LinkFailure(.noApplicationProtocol, "\(server) is not the agents' port of a Muster server")
            }
        } catch {
            await discard(frames)
            throw error
        }
        return ServerChannel(frames: frames, serverCertificate: presented.certificate ?? [])
    }

    /// Closes one that is not used after all. Dropped while it is open it would end the program: NIO wants its writer finished.
    static func discard(_ frames: Frames) async { try? await frames.executeThenClose { _, _ in } }

    private static func tunnel(
        _ proxy: ProxyAddress, to server: ServerAddress, _ presented: PresentedCertificate, _ trace: ConnectionTrace
    ) -> any ChannelHandler {
        ProxyHandler(
            proxy, to: server, within: .milliseconds(AgentPace.proxyTimeout.milliseconds), opened: { trace.tunnelled() },
            failed: { presented.ended(.failure($0)) })
    }

    /// - Parameter way: what comes before TLS.
    private static func pipeline(
        of channel: any Channel, _ way: [any ChannelHandler], context: NIOSSLContext, presented: PresentedCertificate
    ) throws -> Frames {
        let tls = try AgentTLS.handler(context, presented: presented)
        let handshake = HandshakeHandler(presented, timeout: .milliseconds(AgentPace.handshakeTimeout.milliseconds))
        try channel.pipeline.syncOperations.addHandlers(way + [tls, handshake, FrameHandler(limit: FrameLimits.inSession)])
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }
}

/// Tells when TLS is up, or why it is not.
private final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let presented: PresentedCertificate
    private let time: TimeAmount
    private var timeout: Scheduled<Void>?

    init(_ presented: PresentedCertificate, timeout: TimeAmount) {
        self.presented = presented
        time = timeout
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let presented = presented
        timeout = context.eventLoop.scheduleTask(in: time) {
            presented.ended(.failure(LinkFailure(.handshakeTimeout, "TLS did not complete in time")))
            channel.close(promise: nil)
        }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            timeout?.cancel()
            presented.ended(.success(negotiated))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        presented.ended(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        presented.ended(.failure(ChannelError.eof))
        context.fireChannelInactive()
    }
}
