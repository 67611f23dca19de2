import MusterModel
import MusterSession

/// When an application is given its settings: at once when they are others than were tried last, and after a failure by itself, 1 minute to
/// 1 hour apart. A value; by the steady clock.
struct ApplyingCourse {
    typealias Instant = ContinuousClock.Instant

    private var backOff = BackOff()
    /// Nil: nothing failed since the agent started.
    private var retryAt: Instant?
    /// What was forbidden when they were applied; nil: before the agent started.
    private var restricted: [String]?
    private var failedDigest: Digest?

    func isDue(_ known: KnownApplication, now: Instant) -> Bool {
        guard let digest = known.part.digest else { return false }
        guard let record = known.record, record.digest == digest, !isRestrictedAnew(known) else { return true }
        return record.failure != nil && !waits(now: now)
    }

    /// All of them are to be given to the application; else they were, and it is enough to put back what is different.
    func isWhole(_ known: KnownApplication) -> Bool {
        guard let record = known.record else { return true }
        return record.digest != known.part.digest || record.applied != known.part.settings || isRestrictedAnew(known)
    }

    /// A failure is to be left alone for a while.
    func waits(now: Instant) -> Bool { retryAt.map { now < $0 } ?? false }

    /// Until it is tried again; nil: nothing failed.
    func wait(now: Instant) -> Duration? { retryAt.map { max(.zero, now.duration(to: $0)) } }

    private func isRestrictedAnew(_ known: KnownApplication) -> Bool {
        (restricted ?? known.report?.restricted ?? []) != known.part.restricted
    }

    mutating func succeeded(_ part: DesiredPart) {
        restricted = part.restricted
        backOff.succeeded()
        (retryAt, failedDigest) = (nil, nil)
    }

    mutating func failed(_ part: DesiredPart, now: Instant) {
        restricted = part.restricted
        if failedDigest != part.digest { backOff.succeeded() }
        failedDigest = part.digest
        retryAt = now + backOff.failed(in: BackOff.applying)
    }

    /// What was in the way may be gone.
    mutating func hurry(now: Instant) { if retryAt != nil { retryAt = now } }
}
