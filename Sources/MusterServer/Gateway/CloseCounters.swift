import MusterModel
import MusterSession
import Synchronization

/// How connections of agents ended since the start, and how many there are.
final class CloseCounters: Sendable {
    struct Counts: Sendable {
        var closes: [CloseReason: UInt64] = [:]
        var open = 0
        /// Of those, the ones of which it is not yet known who they are.
        var arriving = 0
        var sessions: UInt64 = 0
        var enrolments: UInt64 = 0
        var datagrams: UInt64 = 0
        /// What became of them.
        var notices: [NoticeOutcome: UInt64] = [:]
        /// Bytes; nil before the listener is up.
        var udpReceiveBuffer: Int?
        /// Before this start.
        var hadDatagrams = false
    }

    private let counts = Mutex(Counts())

    var current: Counts { counts.withLock { $0 } }

    /// - Returns: false past the limit: the connection is not counted and must be closed.
    func opened(limit: Int) -> Bool {
        counts.withLock { counts in
            guard counts.open < limit else {
                counts.closes[.connectionLimit, default: 0] += 1
                return false
            }
            counts.open += 1
            counts.arriving += 1
            return true
        }
    }

    var arriving: Int { counts.withLock { $0.arriving } }

    /// It is known who an opened connection is, or it has ended before; said once of each.
    func arrived() { counts.withLock { $0.arriving -= 1 } }

    func closed(_ reason: CloseReason) {
        counts.withLock { counts in
            counts.open -= 1
            counts.closes[reason, default: 0] += 1
        }
    }

    func sessionOpened() { counts.withLock { $0.sessions += 1 } }
    func udpReceiveBufferObtained(_ bytes: Int?) { counts.withLock { $0.udpReceiveBuffer = bytes } }
    /// Whether anything ever came in on the UDP port.
    var hasReceivedDatagrams: Bool { counts.withLock { $0.hadDatagrams || $0.datagrams > 0 } }
    func datagramsWereReceived() { counts.withLock { $0.hadDatagrams = true } }
    func enrolled() { counts.withLock { $0.enrolments += 1 } }
    func datagram(_ outcome: NoticeOutcome) {
        counts.withLock { counts in
            counts.datagrams += 1
            counts.notices[outcome, default: 0] += 1
        }
    }
}
