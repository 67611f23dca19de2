import MusterModel
import MusterSession
import MusterWire

/// When the agent connects next, and why: a value that hears what happens and says how long to wait.
struct LinkCourse {
    private(set) var reason: Muster_V1_HelloReason
    private(set) var connection = 0
    private(set) var isStopping = false
    private var dueAt: Timestamp
    /// While connections fail nothing but a person shortens the wait.
    private var backOffUntil: Timestamp?
    private var backOff = BackOff()
    private var waiting: [CheckedContinuation<Result<SyncReport, AgentError>, Never>] = []

    init(reason: Muster_V1_HelloReason, dueAt: Timestamp) {
        self.reason = reason
        self.dueAt = dueAt
    }

    func wait(now: Timestamp) -> Duration { max(.zero, (backOffUntil ?? dueAt) - now) }

    mutating func heard(_ input: LinkInput, now: Timestamp) {
        switch input {
        case .frame, .closed: break
        case .eventsAppended: sooner(.event, now + AgentPace.gathering)
        case .documentsChanged: sooner(.change, now + AgentPace.gathering)
        case .synchronize(let continuation):
            waiting.append(continuation)
            backOffUntil = nil
            sooner(.manual, now)
        case .stop: isStopping = true
        }
    }

    private mutating func sooner(_ reason: Muster_V1_HelloReason, _ time: Timestamp) {
        guard time < dueAt else { return }
        dueAt = time
        self.reason = reason
    }

    mutating func again(_ reason: Muster_V1_HelloReason, now: Timestamp) {
        self.reason = reason
        dueAt = now
        connection += 1
    }

    mutating func succeeded(next: Timestamp) {
        backOff.succeeded()
        backOffUntil = nil
        reason = .interval
        dueAt = next
        connection += 1
    }

    /// - Returns: when the next try is.
    mutating func failed(_ failure: LinkFailure, now: Timestamp) -> Timestamp {
        var generator = SystemRandomNumberGenerator()
        let next = now + backOff.failed(failure.reason, told: failure.retryAfter, using: &generator)
        backOffUntil = next
        dueAt = next
        reason = .retry
        connection += 1
        return next
    }

    mutating func answer(_ result: Result<SyncReport, AgentError>) {
        for continuation in waiting { continuation.resume(returning: result) }
        waiting = []
    }
}
