import MusterTestKit
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What a TLS server shows to anybody who comes.
enum Presented {
    static func certificate(host: String, port: UInt16) async throws -> [UInt8] {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        let context = try NIOSSLContext(configuration: configuration)
        let seen = Seen()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(
                        context: context, serverHostname: nil,
                        customVerificationCallback: { chain, promise in
                            seen.certificate.withLock { $0 = try? chain.first?.toDERBytes() }
                            promise.succeed(.certificateVerified)
                        })
                    try channel.pipeline.syncOperations.addHandler(tls)
                }
            }
            .connect(host: host, port: Int(port)).get()
        try await eventually("a certificate is shown") { seen.certificate.withLock { $0 } != nil }
        channel.close(promise: nil)
        try? await channel.closeFuture.get()
        return seen.certificate.withLock { $0 } ?? []
    }

    private final class Seen: Sendable {
        let certificate = Mutex<[UInt8]?>(nil)
    }
}
