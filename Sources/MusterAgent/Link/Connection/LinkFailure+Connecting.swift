import MusterModel
import NIOCore
import NIOPosix
import NIOSSL

/// What NIO, TLS and the operating system say when a connection does not come up, in words.
extension LinkFailure {
    /// - Parameter proxy: when it was the proxy that was not reached.
    init(connecting error: any Error, to server: ServerAddress, through proxy: ProxyAddress? = nil) {
        if let failure = error as? LinkFailure {
            self = failure
            return
        }
        let place = proxy.map { "the proxy \($0)" } ?? "\(server)"
        switch error {
        case let error as NIOSSLError: self.init(.handshakeFailed, Self.text(of: error, with: server))
        case ChannelError.eof: self.init(.closedByPeer, "\(server) closed the connection during TLS")
        default:
            let reason: CloseReason = proxy == nil ? .unreachable : .proxyUnreachable
            self.init(reason, "\(place) is not reached: \(Self.text(of: error, host: proxy?.address.host ?? server.host))")
        }
    }

    private static func text(of error: any Error, host: String) -> String {
        switch error {
        case ChannelError.connectTimeout: "no answer within \(AgentPace.connectTimeout.text)"
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: "the name \(host) is not resolved"
        case let error as NIOConnectionError:
            error.connectionErrors.map { failure in
                "\(text(of: failure.error, host: host)) (\(failure.target.ipAddress ?? host))"
            }.joined(separator: "; ")
        default: ErrorWords.text(of: error)
        }
    }

    private static func text(of error: NIOSSLError, with server: ServerAddress) -> String {
        let text = "\(error)"
        // What BoringSSL says of an answer that is no TLS record at all.
        for name in ["WRONG_VERSION_NUMBER", "INVALID_RECORD", "HTTP_REQUEST", "UNEXPECTED_RECORD"] where text.contains(name) {
            return "what answers at \(server) does not speak TLS"
        }
        if case .handshakeFailed(.sslError([.eofDuringHandshake])) = error {
            return "\(server) closed the connection during TLS"
        }
        return "TLS with \(server) failed: \(text)"
    }
}
