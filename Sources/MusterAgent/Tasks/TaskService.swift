import Logging
import MusterModel
import MusterSession
import MusterWire
import Synchronization

/// Runs of tasks in the running agent: begins what was ordered or is due, sees what becomes of it, and says so. `RunCourse` decides.
final class TaskService: Sendable {
    /// Between two looks while something is under way: inotify says so sooner, where it can be had.
    private static let looking = Duration.seconds(2)
    /// Between two looks at schedules and the device's zone.
    private static let planning = Duration.seconds(30)

    private let storage: AgentStorage
    private let ceiling: CeilingBoard
    private let launcher: RunLauncher
    private let scheduler: TaskScheduler
    /// The agent's state directory.
    private let directory: String
    /// The directory of the connectors of others.
    private let connectors: String
    private let news: Mailbox<LinkInput>
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let bell = Mailbox<Void>(merge: { _, _ in })
    private let progressing = Mutex(SaidProgress())

    init(
        storage: AgentStorage, ceiling: CeilingBoard, launcher: RunLauncher, directory: String, connectors: String,
        news: Mailbox<LinkInput>, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.storage = storage
        self.ceiling = ceiling
        self.launcher = launcher
        self.directory = directory
        self.connectors = connectors
        self.news = news
        self.logger = logger
        self.now = now
        scheduler = TaskScheduler(root: launcher.root)
    }

    /// A run was ordered or stopped, or other tasks are held.
    func wake() { bell.put(()) }

    /// How far the runs under way are.
    var progress: [RunProgress] { progressing.withLock { $0.runs } }

    func output(of run: RunID) -> RunOutput? { RunFolder(run, in: directory).output }

    /// The server has it, or does not want it.
    func forgetOutput(of run: RunID) { RunFolder(run, in: directory).remove() }

    /// Until cancelled. What is under way goes on.
    func run() async {
        let bell = bell
        RunFolder.makeParent(in: directory)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let directory = self.directory
                let changes = PackageWatcher(
                    directories: { Self.watched(in: directory) }, quiet: .milliseconds(5), cap: .milliseconds(50))
                for await _ in changes.changes() { bell.put(()) }
            }
            group.addTask { await self.serve() }
            await group.next()
            group.cancelAll()
        }
    }

    private static func watched(in directory: String) -> [String] {
        let parent = "\(directory)/\(RunFolder.parent)"
        return [parent] + RunFolder.all(in: directory).map { "\(parent)/\($0)" }
    }

    private func serve() async {
        var course = RunCourse()
        await tidy()
        while !Task.isCancelled {
            do {
                let wait = try await turn(&course)
                _ = await bell.take(within: wait)
            } catch {
                logger.warning("tasks.failed", metadata: ["error": "\(error)"])
                _ = await bell.take(within: Self.planning)
            }
        }
    }

    /// - Returns: how long nothing has to be looked at.
    private func turn(_ course: inout RunCourse) async throws -> Duration {
        let next = try await schedule()
        let runs = try await storage.run { state, _ in try state.openRuns() }
        let ceiling = ceiling.ceiling
        var sights = runs.map { sight(RunFolder($0.id, in: directory)) }
        var busy = zip(runs, sights).filter { course.isUnderWay($0.id, $1) }.map { $0.0 }
        for index in runs.indices {
            let run = runs[index]
            let hasPlace = busy.count < RunCourse.mostAtOnce && !busy.contains { $0.task.id == run.task.id }
            var record = run
            let refusal = TaskRefusal(of: run.task, by: ceiling)
            while let step = course.step(
                record, sights[index], refusal: refusal, hasPlace: hasPlace, now: .now, time: now())
            {
                if step == .launch { busy.append(run) }
                try await take(step, of: &record, &course)
                guard step == .started else { break }
                sights[index] = sight(RunFolder(run.id, in: directory))
            }
            if record.phase == .running { try await raiseEvents(of: run) }
        }
        try await report(runs)
        return runs.isEmpty ? min(next, Self.planning) : min(next, Self.looking)
    }

    /// Alive is asked first: one that ends in between has left its result.
    private func sight(_ folder: RunFolder) -> RunCourse.Sight {
        var sight = RunCourse.Sight(isAlive: folder.process != nil)
        sight.hasBegun = folder.start != nil
        sight.result = folder.result
        return sight
    }

    private func take(_ step: RunCourse.Step, of run: inout RunRecord, _ course: inout RunCourse) async throws {
        let folder = RunFolder(run.id, in: directory)
        switch step {
        case .launch: try await launch(run, &course)
        case .started:
            let time = folder.start?.started ?? now()
            (run.phase, run.started) = (.running, time)
            let record = run
            _ = try await storage.run { state, spool in try state.runStarted(record, at: time, in: spool) }
            logger.info("task.started", metadata: metadata(of: run))
            news.put(.eventsAppended)
        case .ended(let result): try await end(run, result, &course)
        case .withdraw(let result):
            guard try folder.withdraw() else { return wake() }
            try await end(run, result, &course)
        case .stop: if let process = folder.process { try folder.stop(process) }
        }
    }

    private func launch(_ run: RunRecord, _ course: inout RunCourse) async throws {
        let folder = RunFolder(run.id, in: directory)
        do {
            try folder.make(RunOrderFile(run: run.id, task: run.task.payload, connectors: connectors))
        } catch {
            course.launchFailed(run.id, now: .now)
            return logger.warning("task.not.started", metadata: metadata(of: run, error: error.reason))
        }
        guard await launcher.launch(run.id, in: folder) else {
            course.launchFailed(run.id, now: .now)
            return logger.warning("task.not.started", metadata: metadata(of: run, error: "its process could not be started"))
        }
    }

    private func end(_ run: RunRecord, _ result: RunResultFile, _ course: inout RunCourse) async throws {
        let folder = RunFolder(run.id, in: directory)
        try await raiseEvents(of: run)
        let output = folder.output
        var end = RunReport.End(
            result: result.result, exitCode: result.exitCode.map(Int64.init), code: result.code, text: result.text,
            duration: max(.zero, result.ended - (run.started ?? result.ended)), outputBytes: output?.total ?? 0)
        end.figures = result.figures
        let ended = end
        _ = try await storage.run { state, spool in
            try state.runEnded(run, ended, hasOutput: output != nil, at: result.ended, in: spool)
        }
        course.ended(run.id)
        logger.info("task.ended", metadata: metadata(of: run, error: result.code))
        news.put(.eventsAppended)
        if output != nil { news.put(.outputAppended(run.id)) }
        await tidy()
    }

    /// What its process has to tell, as far as it was not raised yet.
    private func raiseEvents(of run: RunRecord) async throws {
        let folder = RunFolder(run.id, in: directory)
        var read = try await storage.run { state, _ in try state.eventsRead(of: run.id) } ?? run.eventsRead
        while true {
            let (events, next) = folder.events(from: read)
            guard next > read else { return }
            try await storage.run { state, spool in try state.raise(events, of: run.id, read: next, in: spool) }
            if !events.isEmpty { news.put(.eventsAppended) }
            read = next
        }
    }

    /// Progress, and how tasks stand.
    private func report(_ runs: [RunRecord]) async throws {
        let known = runs.filter { $0.phase == .running }.prefix(RunCourse.mostAtOnce).map { run in
            let progress = RunFolder(run.id, in: directory).progress
            return RunProgress(run: run.id, share: progress?.share, step: progress?.step ?? "")
        }
        if progressing.withLock({ $0.take(known, now: .now) }) { news.put(.progressed) }
        let ceiling = ceiling.ceiling
        let isChanged = try await storage.run { state, _ in try state.saveStandings(under: ceiling) }
        if isChanged { news.put(.documentsChanged) }
    }

    private func schedule() async throws -> Duration {
        let (ceiling, now) = (ceiling.ceiling, now())
        let scheduler = scheduler
        return try await storage.run { state, _ in try scheduler.turn(state, under: ceiling, now: now) }
    }

    /// Folders that nobody wants any more: their runs have ended and left no output, or the device was put back.
    private func tidy() async {
        guard let known = try? await storage.run({ state, _ in try state.runsWithFolders() }) else { return }
        for run in RunFolder.all(in: directory) where !known.contains(run) {
            let folder = RunFolder(run, in: directory)
            // One of a device that was put back may be under way.
            if folder.process == nil { folder.remove() }
        }
    }

    private func metadata(of run: RunRecord, error: String = "") -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "run.id": "\(run.id)", "task.id": "\(run.task.id)", "task.type": "\(run.task.application)/\(run.task.type)",
        ]
        if !error.isEmpty { metadata["error"] = "\(error)" }
        return metadata
    }
}

/// How far runs are, and when somebody was told last.
private struct SaidProgress {
    private(set) var runs: [RunProgress] = []
    private var said: [RunProgress] = []
    private var last: ContinuousClock.Instant?

    /// - Returns: whether to tell it now: at once when a run begins or ends, else not more often than all statistics.
    mutating func take(_ known: [RunProgress], now: ContinuousClock.Instant) -> Bool {
        runs = known
        guard known != said else { return false }
        let isDue = last.map { now - $0 >= DeviceStatistics.shortestPeriod } ?? true
        guard isDue || known.map(\.run) != said.map(\.run) else { return false }
        (said, last) = (known, now)
        return true
    }
}
