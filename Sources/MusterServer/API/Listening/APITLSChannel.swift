import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// TLS below HTTP/1.1. The context is asked for at each connection, so a renewed certificate serves the next one.
/// No client certificate is asked for: an agent's is worth nothing here.
struct APITLSChannel: ServerChildChannel {
    let http: HTTP1Channel
    let context: TLSContextHolder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context.current.context))
        }.flatMap { http.setup(channel: channel, logger: logger) }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

extension ServedCertificate {
    /// For HTTPS. Costs about a millisecond: off the event loop.
    init(_ certificate: APICertificate) throws {
        let chain = try certificate.chain.map {
            NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
        }
        let key = try NIOSSLPrivateKey(bytes: Array(certificate.privateKeyPEM.utf8), format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        self.init(der: certificate.chain.first ?? [], context: try NIOSSLContext(configuration: tls))
    }
}
