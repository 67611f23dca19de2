import MusterModel
import MusterSession
import MusterTrust
import MusterWire

/// When the agent connects next, and why: a value that hears what happens and says how long to wait.
///
/// It goes by the steady clock: the wall clock may be put back by years, and the agent must not wait for it to catch up.
struct LinkCourse {
    typealias Instant = ContinuousClock.Instant

    private(set) var reason: Muster_V1_HelloReason
    private(set) var connection = 0
    private(set) var isStopping = false
    private var dueAt: Instant
    /// While connections fail nothing but a person shortens the wait.
    private var backOffUntil: Instant?
    /// A person has to act first: another address of this device changes nothing.
    private var isRefused = false
    private var backOff = BackOff()
    private var waiting: [LinkInput.SyncWaiter] = []
    /// For an identity of its own; the same until it has it, so that an answer that was lost makes no second device.
    private var freshKey: PrivateKey?

    /// To be used for the next connection alone, before they are in force.
    private var trial: ConnectionSettings?

    init(reason: Muster_V1_HelloReason, dueAt: Instant) {
        self.reason = reason
        self.dueAt = dueAt
    }

    func wait(now: Instant) -> Duration { max(.zero, now.duration(to: backOffUntil ?? dueAt)) }

    mutating func heard(_ input: LinkInput, now: Instant) {
        switch input {
        case .frame, .closed, .collected, .outputAppended, .progressed: break
        case .eventsAppended: sooner(.event, now + AgentPace.gathering)
        case .documentsChanged: sooner(.change, now + AgentPace.gathering)
        case .synchronize(let continuation):
            waiting.append(continuation)
            backOffUntil = nil
            dueAt = min(dueAt, now)
            // Also when events were due already: nobody waits for a session that stays open for more of them.
            reason = .manual
        case .moved where isRefused: break
        case .moved:
            backOffUntil = nil
            sooner(.change, now)
        case .trialSucceeded(let settings):
            trial = settings
            backOffUntil = nil
            sooner(.change, now)
        case .connectionRequested where isRefused: break
        case .connectionRequested(let isOneOfMany):
            backOffUntil = nil
            sooner(.request, now + (isOneOfMany ? AgentPace.requestSpread * Double.random(in: 0...1) : .zero))
        case .stop: isStopping = true
        }
    }

    private mutating func sooner(_ reason: Muster_V1_HelloReason, _ time: Instant) {
        guard time < dueAt else { return }
        dueAt = time
        self.reason = reason
    }

    mutating func again(_ reason: Muster_V1_HelloReason, now: Instant) {
        self.reason = reason
        dueAt = now
        connection += 1
    }

    mutating func succeeded(next: Duration, now: Instant) {
        backOff.succeeded()
        isRefused = false
        backOffUntil = nil
        reason = .interval
        dueAt = now + next
        connection += 1
    }

    /// - Returns: how long until the next try.
    mutating func failed(_ failure: LinkFailure, now: Instant) -> Duration {
        var generator = SystemRandomNumberGenerator()
        let wait = backOff.failed(failure.reason, told: failure.retryAfter, using: &generator)
        // Another network may have no need of a proxy, or let it through.
        isRefused = failure.reason.wantsAPerson && failure.reason != .proxyRefused
        backOffUntil = now + wait
        dueAt = now + wait
        reason = .retry
        connection += 1
        return wait
    }

    mutating func takeTrial() -> ConnectionSettings? {
        defer { trial = nil }
        return trial
    }

    /// They wait for the next connection.
    mutating func wait(_ waiters: [LinkInput.SyncWaiter]) { waiting += waiters }

    mutating func ownKey() -> PrivateKey {
        let key = freshKey ?? PrivateKey.generate()
        freshKey = key
        return key
    }

    mutating func becameItself() { freshKey = nil }

    /// Those who wait for the connection that begins.
    mutating func takeWaiting() -> [LinkInput.SyncWaiter] {
        defer { waiting = [] }
        return waiting
    }

    /// The connection that failed now had done what it was for before: the next one is not late.
    mutating func wasSynchronized() {
        backOff.succeeded()
        isRefused = false
    }

    mutating func answer(_ result: Result<SyncReport, AgentError>) {
        for continuation in waiting { continuation.resume(returning: result) }
        waiting = []
    }
}
