import MusterWire
import NIOCore
import NIOPosix
import NIOSSL

/// A server that holds connections and does nothing else, with as many layers of the real one as asked for: what each layer costs shows in
/// its memory. Channels as in the server's `Gateway`.
package struct LayerListener: Sendable {
    package enum Layer: String, CaseIterable, Sendable {
        /// A TCP channel.
        case tcp
        /// TLS 1.3 above it, with the client's certificate.
        case tls
        /// Frames above that.
        case frames
    }

    private let layer: Layer
    private let tls: NIOSSLContext

    /// - Parameters:
    ///   - certificate: the server's, in a DER file.
    ///   - key: its key, in a PEM file.
    package init(_ layer: Layer, certificate: String, key: String) throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate.fromDERFile(certificate))],
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([])
        self.layer = layer
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// Listens on 127.0.0.1 until cancelled. - Parameter listening: told the port.
    package func run(listening: (Int) -> Void) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
            .childChannelInitializer { [layer, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    guard layer != .tcp else { return }
                    try pipeline.addHandler(
                        NIOSSLServerHandler(context: tls, customVerificationCallback: { $1.succeed(.certificateVerified) }))
                    if layer == .frames { try pipeline.addHandler(FrameHandler()) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listening(listener.localAddress?.port ?? 0)
        while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        try await listener.close()
    }
}
