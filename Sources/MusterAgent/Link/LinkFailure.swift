package import MusterModel
import NIOCore
import NIOSSL

/// Why a connection did not do what it was for.
package struct LinkFailure: Error, Sendable {
    package var reason: CloseReason
    /// English; may be empty.
    package var text: String
    /// What the server's Goodbye asked for.
    package var retryAfter: Duration?

    init(_ reason: CloseReason, _ text: String = "", retryAfter: Duration? = nil) {
        self.reason = reason
        self.text = text
        self.retryAfter = retryAfter
    }

    init(connecting error: any Error, to server: ServerAddress) {
        switch error {
        case is NIOSSLError: self.init(.handshakeFailed, "TLS with \(server) failed: \(error)")
        case ChannelError.eof: self.init(.closedByPeer, "\(server) closed the connection during TLS")
        default: self.init(.unreachable, "\(server) is not reached: \(error)")
        }
    }

    var error: AgentError {
        AgentError(.connectionFailed, text.isEmpty ? reason.code : "\(reason.code): \(text)")
    }
}
