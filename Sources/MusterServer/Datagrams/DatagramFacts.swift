import MusterModel
import MusterSession
import MusterWire

/// What the directory knows of one device beside TCP: where a connection request would go, and what came of the last ones. 80 bytes.
struct DatagramFacts: Sendable {
    /// How long after a request a connection that names one as its reason is put down to it.
    private static let patience = Duration.minutes(1)

    /// As the device reports it: nil when it says nothing (an agent that knows none), 0 when it does not listen.
    var udpPort: UInt16?
    /// Of the last connection request made, or the highest the device said it had seen.
    var requestCounter: UInt64 = 0
    var requestSent: Timestamp?
    /// When a connection request last made the device connect.
    var requestGotThrough: Timestamp?
    /// When a shutdown notice of the device last came, since the server started.
    var noticeReceived: Timestamp?
    /// The agent process the last shutdown notice was from, and its counter.
    var noticeRunID: UInt64?
    var noticeCounter: UInt64 = 0

    mutating func connected(_ hello: Muster_V1_Hello, now: Timestamp) {
        requestCounter = max(requestCounter, hello.requestCounter)
        guard hello.reason == .request, let requestSent, now - requestSent <= Self.patience else { return }
        requestGotThrough = now
    }

    mutating func nextRequest(now: Timestamp) -> UInt64 {
        requestCounter = Datagram.nextCounter(after: requestCounter, now: now)
        requestSent = now
        return requestCounter
    }
}
