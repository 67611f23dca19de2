import MusterTestKit
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A connection to the agents' port that does what a test wants, right or wrong, and keeps what comes.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let arrivals: Arrivals

    private init(channel: any Channel, arrivals: Arrivals) {
        self.channel = channel
        self.arrivals = arrivals
    }

    /// TCP alone.
    /// - Parameter source: a loopback address of its own.
    static func plain(to server: TestServer, from source: String? = nil) async throws -> RawConnection {
        try await connect(to: server, tls: nil, from: source)
    }

    /// TLS with a configuration of the test's own. Whether it came up is `isUp`.
    static func tls(
        to server: TestServer, _ configuration: TLSConfiguration, trustsServer: Bool = true, from source: String? = nil
    ) async throws -> RawConnection {
        let context = try NIOSSLContext(configuration: configuration)
        let connection = try await connect(to: server, tls: { try handler(context, trustsServer) }, from: source)
        try await eventually("TLS is up, or refused") { connection.arrivals.isUp || connection.isClosed }
        return connection
    }

    private static func handler(_ context: NIOSSLContext, _ trustsServer: Bool) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { _, promise in promise.succeed(trustsServer ? .certificateVerified : .failed) })
    }

    private static func connect(
        to server: TestServer, tls: (@Sendable () throws -> NIOSSLClientHandler)?, from source: String?
    ) async throws -> RawConnection {
        let arrivals = Arrivals()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls { try channel.pipeline.syncOperations.addHandler(tls()) }
                try channel.pipeline.syncOperations.addHandler(ArrivalHandler(arrivals))
            }
        }
        let bound = try source.map { bootstrap.bind(to: try SocketAddress(ipAddress: $0, port: 0)) } ?? bootstrap
        let channel = try await bound.connect(host: server.address, port: server.agentPort).get()
        return RawConnection(channel: channel, arrivals: arrivals)
    }

    deinit { channel.close(promise: nil) }

    var isUp: Bool { arrivals.isUp }
    var isClosed: Bool { arrivals.isClosed }
    /// Nil when none was agreed, or TLS did not come up.
    var applicationProtocol: String? { arrivals.applicationProtocol }

    /// Whether they arrive is seen by what comes of it.
    func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    func send(_ body: Muster_V1_Frame.OneOf_Body) throws {
        var bytes = ByteBuffer()
        try FrameCodec.append(Muster_V1_Frame(body), to: &bytes)
        channel.writeAndFlush(bytes, promise: nil)
    }

    func close() async throws { try await channel.close() }

    /// The next message; nil when the connection ended before one.
    func next() async throws -> Muster_V1_Frame.OneOf_Body? {
        try await eventually("a message, or the end") { arrivals.hasFrames || isClosed }
        return arrivals.takeFrame()?.body
    }

    /// Passes over everything else.
    func goodbye() async throws -> Muster_V1_Goodbye? {
        while let message = try await next() {
            if case .goodbye(let goodbye) = message { return goodbye }
        }
        return nil
    }
}

/// What has come on one connection.
private final class Arrivals: Sendable {
    private struct State {
        var bytes = ByteBuffer()
        var isUp = false
        var applicationProtocol: String?
        var isClosed = false
    }

    private let state = Mutex(State())

    var isUp: Bool { state.withLock { $0.isUp } }
    var applicationProtocol: String? { state.withLock { $0.applicationProtocol } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    var hasFrames: Bool {
        state.withLock { state in
            let length = state.bytes.getInteger(at: state.bytes.readerIndex, as: UInt32.self)
            return length.map { state.bytes.readableBytes >= 4 + Int($0) } ?? false
        }
    }

    func takeFrame() -> Muster_V1_Frame? {
        state.withLock { try? FrameCodec(limit: FrameLimits.inSession).nextFrame(from: &$0.bytes) }
    }

    func came(_ bytes: ByteBuffer) { state.withLock { _ = $0.bytes.writeImmutableBuffer(bytes) } }
    func closed() { state.withLock { $0.isClosed = true } }
    func up(_ applicationProtocol: String?) {
        state.withLock { state in
            state.isUp = true
            state.applicationProtocol = applicationProtocol
        }
    }
}

private final class ArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let arrivals: Arrivals

    init(_ arrivals: Arrivals) { self.arrivals = arrivals }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { arrivals.came(unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent { arrivals.up(negotiated) }
    }

    func channelInactive(context: ChannelHandlerContext) { arrivals.closed() }

    /// A refused handshake, or a server that closed without a word: the end is seen as such.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension TLSConfiguration {
    /// As an agent's, unless the test says otherwise.
    static func agent(
        _ applicationProtocols: [String], certificate: [UInt8]? = nil, key: PrivateKey? = nil
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = applicationProtocols
        if let certificate, let key {
            configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: certificate, format: .der))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.pem.utf8), format: .pem))
        }
        return configuration
    }
}
