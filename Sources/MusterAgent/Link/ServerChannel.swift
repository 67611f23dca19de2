import MusterModel
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A TLS connection to a server whose key is in the pin set; anything else ends with its reason. Names and dates of the certificate are not
/// looked at: the device's clock may be anywhere.
struct ServerChannel: Sendable {
    static let connectTimeout = Duration.seconds(10)
    static let handshakeTimeout = Duration.seconds(10)

    typealias Frames = NIOAsyncChannel<Muster_V1_Frame, Muster_V1_Frame>

    let frames: Frames
    /// As presented, DER.
    let serverCertificate: [UInt8]

    /// - Parameter identity: nil for an enrolment.
    /// - Throws: `LinkFailure`.
    static func connect(to server: ServerAddress, pins: [Fingerprint], identity: Identity?) async throws(LinkFailure) -> Self {
        let presented = PresentedCertificate(pins: pins)
        do {
            let context = try tlsContext(identity)
            let frames = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(connectTimeout.milliseconds))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
                .channelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
                .connect(host: server.host, port: Int(server.port)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try pipeline(of: channel, context: context, presented: presented)
                    }
                }
            guard try await presented.handshake(on: frames.channel) == expectedProtocol(identity) else {
                try? await frames.channel.close()
                throw LinkFailure(.noApplicationProtocol, "\(server) is not the agents' port of a Muster server")
            }
            return ServerChannel(frames: frames, serverCertificate: presented.certificate ?? [])
        } catch let failure as LinkFailure {
            throw failure
        } catch {
            throw presented.failure ?? LinkFailure(connecting: error, to: server)
        }
    }

    private static func expectedProtocol(_ identity: Identity?) -> String {
        identity == nil ? ProtocolVersion.enrolmentALPN : ProtocolVersion.sessionALPN
    }

    private static func pipeline(
        of channel: any Channel, context: NIOSSLContext, presented: PresentedCertificate
    ) throws -> Frames {
        let tls = try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { chain, promise in
                promise.succeed(presented.check(chain.first) ? .certificateVerified : .failed)
            })
        let handshake = HandshakeHandler(presented, timeout: .milliseconds(handshakeTimeout.milliseconds))
        try channel.pipeline.syncOperations.addHandlers([tls, handshake, FrameHandler(limit: FrameLimits.inSession)])
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }

    private static func tlsContext(_ identity: Identity?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = [expectedProtocol(identity)]
        if let identity {
            configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: identity.certificateDER, format: .der))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// What the server showed in its handshake, and how that ended.
final class PresentedCertificate: Sendable {
    private struct State {
        var certificate: [UInt8]?
        var failure: LinkFailure?
        var outcome: Result<String?, any Error>?
        var waiter: CheckedContinuation<String?, any Error>?
    }

    private let pins: [Fingerprint]
    private let state = Mutex(State())

    init(pins: [Fingerprint]) { self.pins = pins }

    var certificate: [UInt8]? { state.withLock { $0.certificate } }
    var failure: LinkFailure? { state.withLock { $0.failure } }

    func check(_ certificate: NIOSSLCertificate?) -> Bool {
        guard let der = try? certificate?.toDERBytes(), let facts = try? CertificateFacts(der: der) else { return false }
        let isOurs = pins.contains(facts.pin)
        state.withLock { state in
            state.certificate = der
            guard !isOurs else { return }
            state.failure = LinkFailure(
                .serverKeyMismatch,
                "the server's key is \(facts.pin), and this device trusts \(pins.map(\.description).joined(separator: " or "))")
        }
        return isOurs
    }

    /// The protocol agreed on.
    func handshake(on channel: any Channel) async throws -> String? {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.waiter = continuation }
                return state.outcome
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    func ended(_ outcome: Result<String?, any Error>) {
        let waiter = state.withLock { state in
            guard state.outcome == nil else { return nil as CheckedContinuation<String?, any Error>? }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: outcome)
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
