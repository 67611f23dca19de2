import MusterModel
import MusterSession

/// How fast connections are accepted. One read of the listener takes several at once (16, so that a storm costs few reads); those the bucket
/// had no token for are owed, and paid before the next read, so that the rate holds on average.
struct AdmissionPace: Sendable {
    private var bucket: TokenBucket
    private var owed = 0

    init(rate: Double, burst: Double, now: Timestamp) { bucket = TokenBucket(rate: rate, burst: burst, now: now) }

    mutating func accepted(now: Timestamp) {
        if !bucket.take(now: now) { owed += 1 }
    }

    /// Until it is worth asking again; zero when the listener may be read now.
    mutating func wait(now: Timestamp) -> Duration {
        while owed > 0, bucket.take(now: now) { owed -= 1 }
        return bucket.wait(now: now)
    }
}
