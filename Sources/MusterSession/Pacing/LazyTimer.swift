/// A moment that is moved often and seldom comes: the end of somebody's patience with a silent connection. A timer that is due earlier is
/// left to run and set again when it fires, because to cancel one an event loop looks through all it has: with 10,000 connections that
/// cost more than the frame that moved the moment. Time is given, from any fixed start.
package struct LazyTimer: Sendable {
    package enum Order: Hashable, Sendable {
        /// The timer that runs is due early enough.
        case keep
        /// Say `fired` after this time; a timer that runs is replaced.
        case set(Duration)
    }

    private var due: Duration?
    /// When the timer that runs is due.
    private var running: Duration?

    package init() {}

    package mutating func expect(within time: Duration, now: Duration) -> Order {
        let due = now + time
        self.due = due
        if let running, running <= due { return .keep }
        running = due
        return .set(time)
    }

    /// The timer fired. - Returns: nil when the moment has come.
    package mutating func fired(now: Duration) -> Order? {
        running = nil
        guard let due else { return .keep }
        guard due > now else {
            self.due = nil
            return nil
        }
        running = due
        return .set(due - now)
    }
}
