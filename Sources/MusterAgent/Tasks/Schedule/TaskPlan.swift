import MusterModel

/// Where a task's schedule stands on this device.
struct ScheduleMark: Hashable, Sendable {
    /// Of the task as it is held.
    var revision: Int64
    /// When it became so: `every` counts from here.
    var since: Timestamp
    /// What was planned until then was begun or given up.
    var settled: Timestamp

    init(revision: Int64, since: Timestamp, settled: Timestamp) {
        self.revision = revision
        self.since = since
        self.settled = settled
    }
}

/// What one task's schedule says now: a value that decides.
struct TaskPlan: Hashable, Sendable {
    /// A run whose time came so long ago was not begun because nobody was there: it was missed.
    static let tolerance = Duration.minutes(1)

    var mark: ScheduleMark
    /// To be begun now, by the time it was planned for.
    var due: Timestamp?
    /// When the next is to be begun; nil: never by itself.
    var next: Timestamp?

    /// - Parameters:
    ///   - known: as it stood; nil for a task that came just now.
    ///   - agentStart: when this agent started, as long as no run was begun for that.
    init(
        _ task: TaskDefinition, known: ScheduleMark?, agentStart: Timestamp?, zone: ZoneRules, seed: UInt64, now: Timestamp
    ) {
        let timing = task.timing
        guard var mark = known, mark.revision == task.revision else {
            self.init(mark: ScheduleMark(revision: task.revision, since: now, settled: now))
            next = timing.next(after: now, in: zone, since: now, seed: seed)?.start
            return
        }
        // A clock that was ahead and is right now.
        mark.settled = min(mark.settled, now)
        mark.since = min(mark.since, now)
        self.init(mark: mark)
        if timing.schedule.kind == .atAgentStart {
            due = agentStart
            return
        }
        pass(timing, zone, seed, now)
    }

    private init(mark: ScheduleMark) { self.mark = mark }

    private mutating func pass(_ timing: TaskTiming, _ zone: ZoneRules, _ seed: UInt64, _ now: Timestamp) {
        guard let first = timing.next(after: mark.settled, in: zone, since: mark.since, seed: seed) else { return }
        guard first.start <= now else {
            next = first.start
            return
        }
        if now - first.start <= Self.tolerance {
            due = first.planned
        } else if let missed = timing.missed(from: mark.settled, to: now, in: zone, since: mark.since, seed: seed) {
            due = missed.planned
        } else {
            giveUp(timing, zone, now, first: first.planned)
        }
        if let due { mark.settled = due }
        next = timing.next(after: mark.settled, in: zone, since: mark.since, seed: seed)?.start
    }

    /// What has been missed and is not caught up on: all that must have started before now, whatever its delay.
    private mutating func giveUp(_ timing: TaskTiming, _ zone: ZoneRules, _ now: Timestamp, first: Timestamp) {
        let horizon = now - timing.randomDelay - Self.tolerance
        let last = timing.schedule.last(through: horizon, in: zone, since: mark.since)
        mark.settled = max(first, last ?? first)
    }
}
