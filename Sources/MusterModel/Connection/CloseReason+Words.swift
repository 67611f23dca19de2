extension CloseReason {
    /// A short English phrase for people, said from the server's side; the code stands for programs.
    package var words: String { Self.ordinary[self] ?? Self.identities[self] ?? Self.faults[self] ?? code }

    private static let ordinary: [CloseReason: String] = [
        .done: "complete",
        .closedByPeer: "the device's side closed before it was complete",
        .serverStopping: "the server stopped",
        .agentStopping: "the agent stopped",
        .replaced: "a newer connection of the device took over",
        .certificateRenewed: "the certificate was renewed",
        .permanentConnectionEnded: "the permanent connection was ended",
        .connectionChanged: "the agent connected anew over other connection settings",
        .enrolled: "the enrolment is complete",
        .unreachable: "not reachable",
        .proxyUnreachable: "the proxy is not reachable",
        .proxyRefused: "the proxy opened no way to the server",
        .serverCrashed: "the server ended without a word",
    ]

    private static let identities: [CloseReason: String] = [
        .noCertificate: "no certificate was shown",
        .unknownCertificate: "the certificate is not known here",
        .certificateExpired: "the certificate expired",
        .certificateSuperseded: "a newer certificate of the device was already used",
        .deviceDeleted: "the device was removed from the server",
        .deviceRevoked: "the device's certificate was revoked",
        .cloneSuspected: "a copy of the device",
        .enrolAnew: "a copy of the device, which is to enrol as its own",
        .serverKeyMismatch: "the server's key is not among the device's pins",
        .tokenUnknown: "the enrolment token is not known",
        .tokenExpired: "the enrolment token expired",
        .tokenUsedUp: "the enrolment token is used up",
        .tokenRevoked: "the enrolment token was revoked",
        .badCertificateRequest: "the certificate request is damaged",
        .enrolmentLimit: "too many enrolments at once",
    ]

    private static let faults: [CloseReason: String] = [
        .handshakeFailed: "TLS failed",
        .handshakeRefusedByPeer: "the other side refused TLS",
        .handshakeTimeout: "TLS did not complete in time",
        .firstFrameTimeout: "nothing was said in time",
        .noApplicationProtocol: "no protocol was agreed",
        .idleTimeout: "silent for too long",
        .malformedFrame: "a damaged message",
        .oversizeFrame: "a message too long",
        .unexpectedMessage: "a message that had no place",
        .secondHello: "a second Hello",
        .malformedDocument: "a damaged document",
        .documentTooLarge: "a document too large",
        .eventsOutOfOrder: "events out of order",
        .unsupportedVersion: "another version of the protocol",
        .connectionLimit: "too many connections at once",
        .storageUnavailable: "the server could not store anything",
        .busy: "the server had too much in hand",
        .internalError: "a fault in the server",
    ]
}
