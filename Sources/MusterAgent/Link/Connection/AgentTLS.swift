import MusterWire
import NIOCore
package import NIOSSL

/// The agent's side of TLS, for everything that connects to a server as a device does: 1.3 only, the server known by its key alone.
package enum AgentTLS {
    /// What is agreed on with a certificate (a session), and without one (an enrolment).
    package static func expectedProtocol(_ identity: Identity?) -> String {
        identity == nil ? ProtocolVersion.enrolmentALPN : ProtocolVersion.sessionALPN
    }

    /// - Parameters:
    ///   - identity: nil for an enrolment.
    ///   - curves: nil for BoringSSL's own choice, X25519MLKEM768 first.
    package static func context(_ identity: Identity?, curves: [NIOTLSCurve]? = nil) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = [expectedProtocol(identity)]
        configuration.curves = curves
        if let identity {
            configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: identity.certificateDER, format: .der))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// The handler that shows the server's certificate to `presented`, which accepts it or not.
    package static func handler(_ context: NIOSSLContext, presented: PresentedCertificate) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { chain, promise in
                promise.succeed(presented.check(chain.first) ? .certificateVerified : .failed)
            })
    }
}
