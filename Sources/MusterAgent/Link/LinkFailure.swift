package import MusterModel

/// Why a connection did not do what it was for.
package struct LinkFailure: Error, Hashable, Sendable {
    package var reason: CloseReason
    /// English; may be empty.
    package var text: String
    /// What the server's Goodbye asked for.
    package var retryAfter: Duration?
    /// What a proxy answered with, where it answered in HTTP.
    var proxyStatus: Int?

    init(_ reason: CloseReason, _ text: String = "", retryAfter: Duration? = nil) {
        self.reason = reason
        self.text = text
        self.retryAfter = retryAfter
    }

    var error: AgentError {
        AgentError(.connectionFailed, text.isEmpty ? reason.explanation : "\(reason.code): \(text)", closeReason: reason)
    }
}
