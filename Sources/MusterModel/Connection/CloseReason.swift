/// Why a connection ended or was refused. Every close is one of these: it is said to the other side where that is possible, logged,
/// counted, and shown by this code. The numbers travel in `Goodbye` and are never reused; an unknown one counts as
/// `closedByPeer`.
package enum CloseReason: UInt32, CaseIterable, Hashable, Sendable {
    // The ordinary ends.
    /// The agent said Done and closed: a complete synchronization.
    case done = 1
    /// The other side closed before the session was complete.
    case closedByPeer = 2
    /// This server is stopping; come back soon.
    case serverStopping = 3
    /// The agent is stopping.
    case agentStopping = 4
    /// A newer session of the same device took over.
    case replaced = 5
    /// The agent renewed its certificate in this session and comes back with the new one.
    case certificateRenewed = 6

    /// The server does not keep this permanent connection any more; come at the next synchronization.
    case permanentConnectionEnded = 7
    /// The agent connects anew, over other connection settings that were tried before.
    case connectionChanged = 8

    // Before a session: TCP and TLS.
    /// Not TLS 1.3, or damaged.
    case handshakeFailed = 20
    /// The other side ended the handshake with an alert; from an agent it usually means that its pins do not match this server's key.
    case handshakeRefusedByPeer = 21
    /// TLS did not complete in time (5 s).
    case handshakeTimeout = 22
    /// TLS completed, no first frame in time (10 s).
    case firstFrameTimeout = 23
    /// No application protocol was agreed: `muster/1` or `muster-enrol/1` is required.
    case noApplicationProtocol = 24
    /// Silent for too long in the middle of a session.
    case idleTimeout = 25

    // Who is it?
    /// `muster/1` without a client certificate.
    case noCertificate = 40
    /// The certificate was not issued by this server, or its issue is not known here (any more).
    case unknownCertificate = 41
    /// Past the 400 days in which an expired certificate may still renew, or used for more than renewal.
    case certificateExpired = 42
    /// A newer certificate of this device was already used.
    case certificateSuperseded = 43
    /// The device was deleted on the server.
    case deviceDeleted = 44
    /// The device's certificate was revoked.
    case deviceRevoked = 45
    /// The server's public key is not in the agent's pin set.
    case serverKeyMismatch = 46
    /// Another machine comes as this device: this one is the copy, as far as the server can tell.
    case cloneSuspected = 47
    /// An administrator decided that this copy becomes a device of its own; a token to enrol with comes along.
    case enrolAnew = 48

    // Enrolment.
    case tokenUnknown = 60
    case tokenExpired = 61
    case tokenUsedUp = 62
    case tokenRevoked = 63
    /// The certificate request is damaged, is not P-256, or its signature is wrong.
    case badCertificateRequest = 64
    /// Enrolment or renewal completed; this connection is no longer needed.
    case enrolled = 65
    /// Too many enrolments, or too many wrong tokens from this address; come back as told.
    case enrolmentLimit = 66

    // Bad input.
    /// Bytes that are not a frame, or a frame that is not a message.
    case malformedFrame = 80
    /// A frame longer than is allowed at this point.
    case oversizeFrame = 81
    /// A message that has no place here.
    case unexpectedMessage = 82
    /// A second Hello in one session.
    case secondHello = 83
    /// A document that is damaged, out of order or not what its digest says.
    case malformedDocument = 84
    /// A document that inflates past what is allowed or announced.
    case documentTooLarge = 85
    /// Events that do not follow those already stored.
    case eventsOutOfOrder = 86
    /// A major version of the protocol this side does not speak.
    case unsupportedVersion = 87

    // This side cannot just now; come back as told.
    /// Past the limit of connections.
    case connectionLimit = 100
    /// Nothing can be stored (database full or away).
    case storageUnavailable = 101
    /// Too much in hand.
    case busy = 102
    /// A defect on this side, logged there.
    case internalError = 103

    // Seen by the agent alone.
    /// Name not resolved, connection refused or timed out.
    case unreachable = 120
    /// The proxy between the agent and its server: its name not resolved, connection refused or timed out.
    case proxyUnreachable = 121
    /// The proxy answered, and opened no way to the server: it wants a password (407), does not allow it (403), or is no HTTP proxy.
    case proxyRefused = 122

    // Seen by the server alone.
    /// The server ended without a word while the connection was open; noticed at its next start.
    case serverCrashed = 130
}

extension CloseReason {
    /// The stable name used in JSON, logs and metrics: the case's own.
    package var code: String { "\(self)" }

    package init?(code: String) {
        guard let reason = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = reason
    }

    /// True when the session did what it was for.
    package var isSuccess: Bool {
        switch self {
        case .done, .enrolled, .certificateRenewed, .replaced, .agentStopping, .serverStopping, .permanentConnectionEnded,
            .connectionChanged:
            true
        default: false
        }
    }
}
