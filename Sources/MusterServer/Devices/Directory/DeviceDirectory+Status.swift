import MusterModel
import MusterSession
import MusterWire
import Synchronization

/// How devices are: judged when a fact of one changes, or when the time has come that one becomes worse by waiting; nobody looks through
/// the fleet for it.
extension DeviceDirectory.State {
    mutating func judgeStatus(of id: DeviceID, now: Timestamp) {
        guard var entry = devices[id] else { return }
        judgeStatus(of: &entry, now: now)
        devices[id] = entry
    }

    mutating func judgeStatus(of entry: inout DirectoryEntry, now: Timestamp) {
        let conditions = computed(for: entry).settings.status
        let status = DeviceStatus(conditions, statusFacts(of: entry, desired: computed(for: entry).settings), now: now)
        entry.deviceStatus = status
        if entry.statusCourse?.level != status.level {
            if entry.statusCourse == nil { entry.statusCourse = StatusCourse(status.level, since: now) }
            entry.statusCourse?.judged(status.level, now: now)
            dirty.insert(entry.id)
        }
        if let changes = status.changes { deadlines.set(entry.id, changes) }
    }

    private func statusFacts(of entry: DirectoryEntry, desired: ComputedSettings) -> StatusFacts {
        var facts = StatusFacts()
        facts.isRevoked = entry.isRevoked
        guard !facts.isRevoked else { return facts }
        facts.due = attendance.moved(entry.nextSynchronization ?? entry.known.enrolled)
        facts.isCopied = entry.history.isCopied
        for (application, report) in entry.applications {
            func subjects(_ code: String) -> [String] { report.problems.filter { $0.code == code }.map(\.subject) }
            facts.failedUnits += subjects(ApplicationProblem.unitFailed)
            // Some of a hundred, which its application has all.
            facts.threats += subjects(ApplicationProblem.threatFound).prefix(10)
            facts.protectionStopped += subjects(ApplicationProblem.protectionStopped)
            facts.databasesOutdated += subjects(ApplicationProblem.databasesOutdated)
            facts.securityUpdates =
                facts.securityUpdates
                ?? report.problems.first { $0.code == ApplicationProblem.securityUpdatesPending }?.subject
            if report.problems.contains(where: { $0.code == ApplicationProblem.restartRequired }) {
                facts.isRestartRequired = true
            }
            if case .failed = report.outcome { facts.failedSettings.append(application) }
            if !report.changedLocally.isEmpty { facts.changedLocally.append(application) }
        }
        facts.failedTasks = failedTasks(of: entry)
        facts.measures = entry.measures
        return facts
    }

    /// Those that are for it still.
    private func failedTasks(of entry: DirectoryEntry) -> [String] {
        guard !entry.failedTasks.isEmpty else { return [] }
        let tasks = administration.tasks
        let groups = entry.standing.group.map { administration.tree.chain(to: $0).map(\.id) } ?? []
        guard !groups.isEmpty else { return [] }
        return entry.failedTasks.filter { tasks.isMeant($0, groups: groups, chosen: entry.standing.tasks) }
            .compactMap { tasks.all[$0]?.definition.name }
    }
}

extension StatusMeasures {
    /// What is not said is as it was.
    mutating func take(_ statistics: DeviceStatistics?) {
        guard let applications = statistics?.applications else { return }
        if let free = applications["device"]?["disk-free-bytes"], let total = applications["device"]?["disk-total-bytes"],
            total > 0, (0...total).contains(free)
        {
            diskFreePercent = Int64(Double(free) / Double(total) * 100)
        }
        if let milliseconds = applications["network-agent"]?["clock-offset-milliseconds"] {
            clockOffset = .milliseconds(max(-Self.farthest, min(milliseconds, Self.farthest)))
        }
    }

    /// A hundred years, ms: a device may say anything.
    private static let farthest: Int64 = 36_525 * 86_400_000
}
