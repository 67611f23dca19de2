package import MusterModel
import MusterSession

/// Connections have been failing.
package struct ConnectionFailure: Hashable, Sendable {
    /// Being out of reach for less than this is not worth an event: a server restarts in seconds.
    package static let worthAnEvent = Duration.seconds(30)

    /// Of the last attempt.
    package var reason: CloseReason
    /// English, of the last attempt; may be empty.
    package var text: String
    /// When the first of these attempts failed.
    package var since: Timestamp
    package var attempts: Int
    package var nextTry: Timestamp?
    /// Whether an event was raised about it; then another is when it is over.
    package var isReported: Bool

    package init(
        reason: CloseReason, text: String = "", since: Timestamp, attempts: Int = 1, nextTry: Timestamp? = nil,
        isReported: Bool = false
    ) {
        self.reason = reason
        self.text = text
        self.since = since
        self.attempts = attempts
        self.nextTry = nextTry
        self.isReported = isReported
    }

    /// The same failure after one more attempt, or the first one of a new failure.
    ///
    /// Where the clock was put back meanwhile, since now: else it would not have lasted for years.
    init(after old: ConnectionFailure?, reason: CloseReason, text: String, now: Timestamp, nextTry: Timestamp) {
        self.init(
            reason: reason, text: text, since: min(old?.since ?? now, now), attempts: (old?.attempts ?? 0) + 1, nextTry: nextTry,
            isReported: old?.isReported ?? false)
    }

    /// Whether to raise the event now: once a failure, when it has lasted, or at once when a person has to act.
    func isEventDue(now: Timestamp) -> Bool {
        !isReported && (now - since >= Self.worthAnEvent || reason.wantsAPerson)
    }
}
