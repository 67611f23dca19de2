import MusterAPI
import MusterModel
import Synchronization

/// The fleet on one screen. Looks at every device, each time somebody asks.
extension DeviceDirectory {
    func overview(since: Timestamp, now: Timestamp) -> Overview {
        // The lock is for the copy alone: 100,000 references.
        let (devices, administration, attendance) = state.withLock { ($0.devices, $0.administration, $0.attendance) }
        var count = OverviewCount(since: since, administration: administration)
        for entry in devices.values where !entry.isDeleted {
            count.add(entry, state: entry.status(now: now, server: attendance).state)
        }
        return count.overview
    }
}

/// Counts devices one after the other.
private struct OverviewCount {
    /// Of what devices with one reason have in common: the most frequent.
    private static let shares = 5

    private struct ReasonCount {
        var level = DeviceStatusLevel.ok
        var devices: Int64 = 0
        var recent: Int64 = 0
        var subjects: [String: Int64] = [:]
        var groups: [GroupID?: Int64] = [:]
        var systems: [String: Int64] = [:]
    }

    private let administration: Administration
    private var result: Overview
    private var reasons: [StatusReason.Code: ReasonCount] = [:]

    init(since: Timestamp, administration: Administration) {
        self.administration = administration
        result = Overview(
            devices: 0, status: [:], states: [:], reasons: [],
            changes: Overview.Changes(since: since, enrolled: 0, worse: 0, better: 0))
    }

    mutating func add(_ entry: DirectoryEntry, state: ConnectionState) {
        result.devices += 1
        result.status[entry.deviceStatus.level.code, default: 0] += 1
        result.states[state.code, default: 0] += 1
        for reason in entry.deviceStatus.reasons { add(reason, of: entry) }
        // Better and worse than what: a device that is new was not there.
        guard entry.known.enrolled < result.changes.since else { result.changes.enrolled += 1; return }
        guard let course = entry.statusCourse, course.since >= result.changes.since, let before = course.before,
            course.level != .revoked
        else { return }
        if course.level > before { result.changes.worse += 1 } else { result.changes.better += 1 }
    }

    private mutating func add(_ reason: StatusReason, of entry: DirectoryEntry) {
        var count = reasons[reason.code] ?? ReasonCount()
        count.level = max(count.level, reason.level)
        count.devices += 1
        if let course = entry.statusCourse, course.since >= result.changes.since { count.recent += 1 }
        // How full, how far off and how many is another for each device.
        if ![.diskNearlyFull, .clockOff, .securityUpdates].contains(reason.code) {
            for subject in reason.subjects { count.subjects[subject, default: 0] += 1 }
        }
        count.groups[entry.standing.group, default: 0] += 1
        count.systems[entry.known.operatingSystem ?? "", default: 0] += 1
        reasons[reason.code] = count
    }

    var overview: Overview {
        var overview = result
        overview.reasons = reasons.map { code, count in
            Overview.Reason(
                code: code.rawValue, level: count.level.code, devices: count.devices, recent: count.recent,
                subjects: Self.top(count.subjects),
                groups: Self.top(count.groups) { $0.map { administration.path(of: $0) } ?? "unassigned" },
                operatingSystems: Self.top(count.systems))
        }.sorted { ($1.level == "critical" ? 1 : 0, $1.devices, $0.code) < ($0.level == "critical" ? 1 : 0, $0.devices, $1.code) }
        return overview
    }

    private static func top(_ counts: [String: Int64]) -> [Overview.Share] { top(counts) { $0 } }

    private static func top<Key>(_ counts: [Key: Int64], _ name: (Key) -> String) -> [Overview.Share] {
        let shares = counts.map { Overview.Share(name: name($0.key), devices: $0.value) }
        return Array(shares.sorted { ($1.devices, $0.name) < ($0.devices, $1.name) }.prefix(shares.isEmpty ? 0 : Self.shares))
    }
}
