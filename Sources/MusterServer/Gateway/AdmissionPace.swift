import MusterModel
import MusterSession

/// How fast connections are accepted: as fast as the processors get through TLS handshakes. While fewer than `handshakes` connections are
/// between being accepted and being known, the next is accepted; past that, a bucket lets in so many a second whatever becomes of those
/// before them, so that connections on which nothing comes cannot keep everybody out.
///
/// One read of the listener takes several at once (16, so that a storm costs few reads); those the bucket had no token for are owed, and paid
/// before it lets in the next, so that the rate holds on average.
struct AdmissionPace: Sendable {
    /// How soon to look again whether handshakes have ended: 128 of them take 2 processors about 40 ms.
    static let look = Duration.milliseconds(5)

    private let handshakes: Int
    private var bucket: TokenBucket
    private var owed = 0

    init(handshakes: Int, rate: Double, burst: Double, now: Timestamp) {
        self.handshakes = handshakes
        bucket = TokenBucket(rate: rate, burst: burst, now: now)
    }

    /// - Parameter underWay: connections that were not yet known before this one.
    mutating func accepted(underWay: Int, now: Timestamp) {
        guard underWay >= handshakes else { return }
        if !bucket.take(now: now) { owed += 1 }
    }

    /// Until it is worth asking again; zero when the listener may be read now.
    mutating func wait(underWay: Int, now: Timestamp) -> Duration {
        guard underWay >= handshakes else { return .zero }
        while owed > 0, bucket.take(now: now) { owed -= 1 }
        return min(bucket.wait(now: now), Self.look)
    }
}
