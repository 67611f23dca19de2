import FoundationEssentials
import Glibc
import MusterModel
import NIOPosix
import Synchronization

/// ClamAV as Debian's packages bring it: whether clamd answers, how old its databases are, what it found, and its settings in its own files.
final class ClamAVConnector: Connector {
    private static let period = Duration.seconds(15)
    /// Of one answer of clamd. Three of them and systemd's fit into the time of a call.
    private static let patience = Duration.seconds(2)
    /// What clamd said is not asked again so soon when its log says something.
    private static let fresh = Duration.seconds(5)

    private struct State {
        var course: ProtectionCourse
        var asked: (answer: ClamAnswer, at: ContinuousClock.Instant)?
        /// Since when the unit of the clamd was active that answered last.
        var answered: Int64?
        var folders = OnAccessFolders()
        /// Directories of its logs.
        var logs: [String] = []
    }

    private let program: SystemProgram
    private let root: RootPath
    private let files: ClamFiles
    private let units: ClamUnits
    private let state: Mutex<State>

    /// - Parameters:
    ///   - directory: of the agent's configuration.
    ///   - patience: before it is told that clamd does not answer.
    init(
        directory: String, program: SystemProgram, root: RootPath, patience: Duration = ProtectionCourse.standardPatience
    ) {
        self.program = program
        self.root = root
        files = ClamFiles(directory: directory, program: program, root: root)
        units = ClamUnits(program: program, root: root)
        state = Mutex(State(course: ProtectionCourse(patience: patience)))
    }

    var manifest: ApplicationManifest { .clamAV }
    var desired: DesiredSettingsSource { .settings }

    var watch: ConnectorWatch {
        ConnectorWatch(
            period: isThere ? Self.period : nil, directories: files.directories.filter { FileStamp($0) != nil },
            logs: state.withLock { $0.logs })
    }

    private var isThere: Bool { program.isThere("clamd") }

    /// The engine's.
    func discover() async throws(ConnectorError) -> String {
        guard isThere else { return "" }
        let output = await program.run("clamd", ["--version"], within: Self.patience)
        return output.flatMap { ClamdVersion($0.text) }?.engine ?? ""
    }

    // MARK: Settings

    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] {
        guard isThere else { return [:] }
        var values = try files.values()
        if let unit = await units.listing()?[ClamUnits.onAccess] { values[ClamAVKey.onAccess] = .onOff(unit.file == "enabled") }
        return values
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        guard !settings.isEmpty else { return }
        guard isThere else {
            throw ConnectorError(
                "clamAVMissing",
                "clamd is not installed here: apt-get install clamav-daemon, or take its settings out of the policy")
        }
        let isOnAccess: Bool? = if case .onOff(let isOn) = settings[ClamAVKey.onAccess] { isOn } else { nil }
        let before = try files.values()
        if isOnAccess == true { try canScanOnAccess(settings[ClamAVKey.onAccessPaths] ?? before[ClamAVKey.onAccessPaths]) }
        let written = try await files.set(settings) { if isOnAccess == true { Self.exclude(&$0) } }
        if written.contains(.clamd) {
            try await units.restartIfRunning([ClamUnits.daemon, ClamUnits.onAccess])
        } else if settings[ClamAVKey.onAccessPaths] != nil || isOnAccess == true, try await hasLateFolders() {
            try await units.restartIfRunning([ClamUnits.onAccess])
        }
        if written.contains(.freshclam) { try await units.restartIfRunning([ClamUnits.updater]) }
        if let isOnAccess { try await setOnAccess(isOnAccess) }
        // What was learnt before is of other settings.
        state.withLock { $0.asked = nil }
    }

    /// Folders that were not there when clamonacc began to watch, and are now.
    private func hasLateFolders() async throws(ConnectorError) -> Bool {
        let faults = await Self.faults(of: try files.read(.clamd).onAccessFolders)
        return state.withLock { $0.folders.hasLate(faults) }
    }

    private static func faults(of folders: [String]) async -> [String: OnAccessFolders.Fault] {
        let faults = try? await NIOThreadPool.singleton.runIfActive {
            folders.reduce(into: [String: OnAccessFolders.Fault]()) { $0[$1] = OnAccessFolders.fault(of: $1) }
        }
        return faults ?? [:]
    }

    private func canScanOnAccess(_ paths: ManagedValue?) throws(ConnectorError) {
        guard program.isThere("clamonacc"), units.isThere else {
            throw ConnectorError("onAccessMissing", "on-access scanning needs clamonacc and systemd, which are not here")
        }
        guard case .list(let paths) = paths, !paths.isEmpty else {
            throw ConnectorError(
                "onAccessWithoutFolders", "on-access scanning has no folders: set \(ClamAVKey.onAccessPaths) as well")
        }
    }

    /// What clamd opens to scan it must not be scanned for that.
    private static func exclude(_ configuration: inout ClamConfiguration) {
        let user = configuration.value("User") ?? "root"
        if user == "root" {
            configuration.set("OnAccessExcludeRootUID", ["yes"])
        } else if !configuration.values("OnAccessExcludeUname").contains(user) {
            configuration.set("OnAccessExcludeUname", configuration.values("OnAccessExcludeUname") + [user])
        }
    }

    private func setOnAccess(_ isOn: Bool) async throws(ConnectorError) {
        let listing = await units.listing()
        // Where somebody stopped clamd it stays so: starting clamonacc would start it.
        let isDown = ClamUnits.onAccess(listing)?.standing == .down && listing?[ClamUnits.daemon]?.active == "active"
        guard isOn != (listing?[ClamUnits.onAccess]?.file == "enabled") || (isOn && isDown) else { return }
        // Debian's unit moves files there, and does not start without it.
        if isOn { mkdir(root.path("root/quarantine"), 0o700) }
        try await units.setOnAccess(isOn)
    }

    // MARK: Looking

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        try await look(after: before, remembering: nil, now: now)
    }

    func look(after before: ApplicationReport?, remembering memory: [UInt8]?, now: Timestamp) async throws(ConnectorError)
        -> ConnectorReading
    {
        guard isThere else { return notInstalled(after: before, now) }
        let configuration = try files.read(.clamd)
        let outdatedAfter = try files.values()[ClamAVKey.outdatedAfter]
        let answer = await answer(configuration)
        FoundNotes.makeDirectory(root)
        let log = ClamLog(configuration, root: root)
        state.withLock { $0.logs = log.directories.filter { FileStamp($0) != nil } }
        let databases = configuration.value("DatabaseDirectory") ?? "/var/lib/clamav"
        let read = try? await NIOThreadPool.singleton.runIfActive {
            let threats = log.read(ClamMemory(bytes: memory), now: now)
            return (threats, SignatureDatabases(directory: databases))
        }
        guard let (threats, databases) = read else { throw .timeout(Self.patience) }
        var facts = ClamWatch.Facts(
            standing: answer.standing, stats: answer.stats, databases: databases, databaseVersion: answer.databaseVersion,
            onAccess: answer.onAccess, hasLog: log.isThere)
        if case .duration(let time) = outdatedAfter { facts.outdatedAfter = time }
        let verdict = state.withLock { $0.course.judge(answer.standing, after: before, now: .now) }
        let watch = ClamWatch(facts, verdict: verdict, memory: threats.memory, after: before, now: now)
        return ConnectorReading(
            state: verdict.state, problems: watch.problems + threats.problems, facts: watch.facts, statistics: watch.statistics,
            events: watch.events + threats.events, memory: threats.memory.bytes,
            obstacles: await obstacles(answer, verdict, log, configuration.onAccessFolders))
    }

    private func obstacles(
        _ answer: ClamAnswer, _ verdict: ProtectionCourse.Verdict, _ log: ClamLog, _ folders: [String]
    ) async -> [String: ConnectorReading.Obstacle] {
        guard let onAccess = answer.onAccess else { return units.isThere ? [ClamAVKey.onAccess: .notYet] : [:] }
        let isClamdThere: Bool? = answer.standing == .answering ? true : verdict.reason == nil ? nil : false
        var obstacles: [String: ConnectorReading.Obstacle] = [:]
        obstacles[ClamAVKey.onAccess] = onAccess.obstacle(isClamdThere: isClamdThere, error: log.onAccessError)
        if onAccess.standing == .up {
            let faults = await Self.faults(of: folders)
            let obstacle = state.withLock { $0.folders.obstacle(folders, faults, since: onAccess.since) }
            // Whichever of the two was set.
            for key in [ClamAVKey.onAccess, ClamAVKey.onAccessPaths] { obstacles[key] = obstacle }
        }
        return obstacles
    }

    private func notInstalled(after before: ApplicationReport?, _ now: Timestamp) -> ConnectorReading {
        let wasThere = before.map { [.running, .stopped, .failed].contains($0.state) } ?? false
        // From now on every log is news.
        return ConnectorReading(
            state: .notInstalled, events: wasThere ? [.protectionStopped("not-installed", now)] : [],
            memory: ClamLog.beforeInstallation)
    }

    private func answer(_ configuration: ClamConfiguration) async -> ClamAnswer {
        if let asked = state.withLock({ $0.asked }), asked.at + Self.fresh > .now { return asked.answer }
        let answer = await ask(configuration)
        state.withLock { $0.asked = (answer, .now) }
        return answer
    }

    private func ask(_ configuration: ClamConfiguration) async -> ClamAnswer {
        let listing = await units.listing()
        var answer = ClamAnswer(onAccess: ClamUnits.onAccess(listing))
        guard !ClamUnits.wouldBeStarted(listing), let path = configuration.value("LocalSocket") else { return answer }
        let clamd = ClamdClient(path: path)
        let isLoading = ClamUnits.isLoading(listing, answered: state.withLock { $0.answered })
        switch await clamd.ask("PING", within: Self.patience) {
        case .absent: answer.standing = isLoading ? .loading : .stopped
        case .silent: answer.standing = isLoading ? .loading : .silent
        case .text(let text): answer.standing = text.hasPrefix("PONG") ? .answering : .silent
        }
        guard answer.standing == .answering else { return answer }
        state.withLock { $0.answered = listing?[ClamUnits.daemon]?.activeSince }
        if case .text(let text) = await clamd.ask("VERSION", within: Self.patience) {
            answer.databaseVersion = ClamdVersion(text)?.database
        }
        // Threads that are all at work keep it waiting, which is no failure.
        if case .text(let text) = await clamd.ask("STATS", within: Self.patience) { answer.stats = ClamdStats(text) }
        return answer
    }
}

/// What was learnt by asking.
private struct ClamAnswer: Sendable {
    var standing = ProtectionCourse.Standing.stopped
    var stats: ClamdStats?
    var databaseVersion: Int64?
    /// As systemd says it; nil without systemd.
    var onAccess: OnAccess?

    init(onAccess: OnAccess?) { self.onAccess = onAccess }
}
