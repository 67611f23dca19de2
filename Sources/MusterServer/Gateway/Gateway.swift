import Logging
import MusterModel
import MusterWire
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The listener for agents: TLS 1.3 on TCP, one port for sessions and enrolments; every connection ends with a reason.
struct Gateway: Service {
    /// How long a stopping server waits for the sessions it told to end.
    static let drainTime = Duration.seconds(5)

    let context: GatewayContext
    let tls: TLSContextHolder
    let host: String
    let port: Int
    let group: any EventLoopGroup
    let bound: BoundPort

    func run() async throws {
        let listener: any Channel
        do {
            listener = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            let error = ServerError.cannotListen("agents on TCP", host: host, port: port, option: "--agent-port", error)
            bound.failed(error)
            throw error
        }
        bound.listening(on: listener.localAddress?.port ?? port)
        context.logger.info("gateway.listening", metadata: ["port": "\(listener.localAddress?.port ?? port)"])
        try? await gracefulShutdown()
        try await listener.close()
        await drain()
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(context.limits.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AdmissionHandler(context), position: .first)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A channel keeps as many buffers as it may read at once: one of 2 KiB, where four of 4 KiB would stay with each connection. A
            // ClientHello has 1.5 KiB, most frames less than 1.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = Connection(context: context, channel: channel)
                    // Any chain is accepted here: TLS proves the key; who it is is judged after the handshake, by what was issued.
                    let handler = NIOSSLServerHandler(
                        context: tls.current.context,
                        customVerificationCallback: { _, promise in
                            promise.succeed(.certificateVerified)
                        })
                    try channel.pipeline.syncOperations.addHandlers([handler, GreetingHandler(connection)])
                }
            }
    }

    private func drain() async {
        for channel in context.connections.all {
            let spread = Duration.milliseconds(.random(in: 1000...5000))
            channel.pipeline.fireUserInboundEventTriggered(ConnectionOrder.stop(.serverStopping, retryAfter: spread))
        }
        let deadline = ContinuousClock.now + Self.drainTime
        while context.connections.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        for channel in context.connections.all { channel.close(promise: nil) }
    }
}

extension ServedCertificate {
    /// For agents: TLS 1.3 only, client certificate optional. Nobody looks at dates here. Costs about a millisecond: off the event loop.
    init(forAgents certificate: [UInt8], keyPEM: String) throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = [ProtocolVersion.sessionALPN, ProtocolVersion.enrolmentALPN]
        self.init(der: certificate, context: try NIOSSLContext(configuration: configuration))
    }
}
