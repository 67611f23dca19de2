package import MusterModel

/// What the agent remembers of its connections across restarts. Read and written as one value (`AgentState.facts`, `update`).
package struct ConnectionFacts: Hashable, Sendable {
    /// Number of the last session the server gave; 0 before the first.
    package var session: UInt64 = 0
    /// Highest counter of a connection request seen; 0 before the first.
    package var requestCounter: UInt64 = 0
    /// Numbers of the documents and capabilities the server said it knows.
    package var serverDocuments: [UInt32] = []
    package var serverCapabilities: [UInt32] = []
    package var syncInterval: SyncInterval = .standard
    /// As the server presented it last: to show and compare, not to trust.
    package var serverCertificateDER: [UInt8]?
    /// By the device's clock.
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    /// Server minus device, as learnt last.
    package var clockOffset: Duration?
    /// Nil while connections succeed.
    package var failure: ConnectionFailure?

    package init() {}
}

/// Connections have been failing.
package struct ConnectionFailure: Hashable, Sendable {
    /// Of the last attempt.
    package var reason: CloseReason
    /// English, of the last attempt; may be empty.
    package var text: String
    /// When the first of these attempts failed.
    package var since: Timestamp
    package var attempts: Int
    package var nextTry: Timestamp?

    package init(reason: CloseReason, text: String = "", since: Timestamp, attempts: Int = 1, nextTry: Timestamp? = nil) {
        self.reason = reason
        self.text = text
        self.since = since
        self.attempts = attempts
        self.nextTry = nextTry
    }
}
