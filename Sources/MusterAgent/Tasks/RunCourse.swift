import MusterModel

/// What is to be done with the runs of this device, from what the database and their folders say: a value that decides.
struct RunCourse: Sendable {
    /// Under way at once: what a small device bears.
    static let mostAtOnce = 8
    /// In which a process that was started must have begun; then it is started again. A device that has just started is slow.
    static let patience = Duration.seconds(60)
    /// Times it is started.
    static let maximumLaunches = 5

    /// How a run's folder is.
    struct Sight: Hashable, Sendable {
        var hasBegun = false
        var isAlive = false
        var result: RunResultFile?
    }

    enum Step: Hashable, Sendable {
        case launch
        /// Its process began.
        case started
        case ended(RunResultFile)
        /// It has not begun and shall not any more. A process that was started may begin at this moment: it has ended so once the right to do
        /// it could be taken away.
        case withdraw(RunResultFile)
        /// It is under way and somebody wants it to end.
        case stop
    }

    private struct Launches: Sendable {
        var last: ContinuousClock.Instant
        var count: Int
        /// Told to stop.
        var isStopping = false
    }

    private var launches: [RunID: Launches] = [:]

    /// Whether it takes a place: its process is started, or was.
    func isUnderWay(_ run: RunID, _ sight: Sight) -> Bool { sight.hasBegun || launches[run] != nil }

    /// The next step of one run.
    /// - Parameters:
    ///   - refusal: the device's owner forbids it, maybe since it was written down; one that has begun goes on.
    ///   - hasPlace: fewer than `mostAtOnce` are under way, and none of the same task.
    ///   - time: on this device's clock.
    mutating func step(
        _ run: RunRecord, _ sight: Sight, refusal: TaskRefusal? = nil, hasPlace: Bool, now: ContinuousClock.Instant,
        time: Timestamp
    ) -> Step? {
        if sight.hasBegun, run.phase == .accepted { return .started }
        if let result = sight.result { return .ended(result) }
        if sight.hasBegun {
            guard sight.isAlive else { return .ended(Self.unfinished(run, time)) }
            guard run.isToStop, launches[run.id]?.isStopping != true else { return nil }
            launches[run.id, default: Launches(last: now, count: 0)].isStopping = true
            return .stop
        }
        if run.isToStop {
            return .withdraw(
                RunResultFile(result: .stopped, code: "stopped", text: "somebody stopped it before it began", ended: time))
        }
        if let refusal {
            return .withdraw(RunResultFile(result: .failed, code: refusal.code, text: refusal.text, ended: time))
        }
        return launch(run.id, hasPlace: hasPlace, now, time)
    }

    /// There is neither a process nor a result.
    private static func unfinished(_ run: RunRecord, _ time: Timestamp) -> RunResultFile {
        guard !run.isToStop else {
            return RunResultFile(result: .stopped, code: "stopped", text: "somebody stopped it", ended: time)
        }
        return RunResultFile(
            result: .interrupted, code: "interrupted",
            text: "the device was switched off, or its process was ended, before it was done", ended: time)
    }

    private mutating func launch(
        _ run: RunID, hasPlace: Bool, _ now: ContinuousClock.Instant, _ time: Timestamp
    ) -> Step? {
        guard let known = launches[run] else {
            guard hasPlace else { return nil }
            launches[run] = Launches(last: now, count: 1)
            return .launch
        }
        guard now - known.last >= Self.patience else { return nil }
        guard known.count < Self.maximumLaunches else {
            return .withdraw(
                RunResultFile(
                    result: .failed, code: "notStarted", text: "its process could not be started; see the agent's log",
                    ended: time))
        }
        launches[run] = Launches(last: now, count: known.count + 1)
        return .launch
    }

    /// Its process could not be started: it is tried again soon.
    mutating func launchFailed(_ run: RunID, now: ContinuousClock.Instant) {
        launches[run]?.last = now - Self.patience + .seconds(5)
    }

    mutating func ended(_ run: RunID) { launches[run] = nil }
}
