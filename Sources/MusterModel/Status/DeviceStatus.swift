/// How a device is, by the conditions that hold for it: the worst of its reasons. One that is revoked is not judged.
package struct DeviceStatus: Hashable, Sendable {
    package static let ok = DeviceStatus()

    /// The worst first.
    package let reasons: [StatusReason]
    /// When it becomes another by the passing of time alone.
    package let changes: Timestamp?

    private let isRevoked: Bool

    package var level: DeviceStatusLevel { isRevoked ? .revoked : reasons.first?.level ?? .ok }

    private init() {
        reasons = []
        changes = nil
        isRevoked = false
    }

    package init(_ conditions: StatusConditions, _ facts: StatusFacts, now: Timestamp) {
        let overdue = Self.overdue(conditions, facts, now: now)
        let reasons = [
            overdue.reason, Self.disk(conditions, facts), Self.clock(conditions, facts),
            Self.reason(.copySuspected, conditions.copySuspected, facts.isCopied ? [""] : []),
            Self.reason(.unitFailed, conditions.unitFailed, facts.failedUnits),
            Self.reason(.settingsFailed, conditions.settingsFailed, facts.failedSettings.map(\.description)),
            Self.reason(.changedLocally, conditions.changedLocally, facts.changedLocally.map(\.description)),
            Self.reason(.securityUpdates, conditions.securityUpdates, facts.securityUpdates.map { [$0] } ?? []),
            Self.reason(.restartRequired, conditions.restartRequired, facts.isRestartRequired ? [""] : []),
            Self.reason(.taskFailed, conditions.taskFailed, facts.failedTasks),
            Self.reason(.threatFound, conditions.threatFound, facts.threats),
            Self.reason(.protectionStopped, conditions.protectionStopped, facts.protectionStopped),
            Self.reason(.databasesOutdated, conditions.databasesOutdated, facts.databasesOutdated),
        ].compactMap(\.self)
        isRevoked = facts.isRevoked
        self.reasons = isRevoked ? [] : reasons.sorted { ($1.level, $0.code.rawValue) < ($0.level, $1.code.rawValue) }
        changes = isRevoked ? nil : overdue.changes
    }

    private static func reason(_ code: StatusReason.Code, _ level: DeviceStatusLevel, _ subjects: [String]) -> StatusReason? {
        guard level != .ok, !subjects.isEmpty else { return nil }
        return StatusReason(code: code, level: level, subjects: subjects.filter { !$0.isEmpty }.sorted())
    }

    private static func overdue(
        _ conditions: StatusConditions, _ facts: StatusFacts, now: Timestamp
    ) -> (reason: StatusReason?, changes: Timestamp?) {
        guard let due = facts.due else { return (nil, nil) }
        let late = now - due
        func reason(_ level: DeviceStatusLevel) -> StatusReason { StatusReason(code: .overdue, level: level, since: due) }
        if late >= conditions.overdueCritical { return (reason(.critical), nil) }
        if late >= conditions.overdueWarning { return (reason(.warning), due + conditions.overdueCritical) }
        return (nil, due + min(conditions.overdueWarning, conditions.overdueCritical))
    }

    private static func disk(_ conditions: StatusConditions, _ facts: StatusFacts) -> StatusReason? {
        guard let percent = facts.measures.diskFreePercent else { return nil }
        let level: DeviceStatusLevel =
            percent < conditions.diskCritical ? .critical : percent < conditions.diskWarning ? .warning : .ok
        return level == .ok ? nil : StatusReason(code: .diskNearlyFull, level: level, subjects: ["\(percent) %"])
    }

    private static func clock(_ conditions: StatusConditions, _ facts: StatusFacts) -> StatusReason? {
        guard let offset = facts.measures.clockOffset, offset > conditions.clockOff || offset < .zero - conditions.clockOff else {
            return nil
        }
        return StatusReason(code: .clockOff, level: .warning, subjects: ["\(offset.milliseconds / 1000) s"])
    }
}

/// Why a device's status is Warning or Critical.
package struct StatusReason: Hashable, Sendable {
    /// As the API has it.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case overdue
        case unitFailed = "unit-failed"
        case settingsFailed = "settings-failed"
        case changedLocally = "changed-locally"
        case copySuspected = "copy-suspected"
        case diskNearlyFull = "disk-nearly-full"
        case clockOff = "clock-off"
        case securityUpdates = "security-updates"
        case restartRequired = "restart-required"
        case taskFailed = "task-failed"
        case threatFound = "threat-found"
        case protectionStopped = "protection-stopped"
        case databasesOutdated = "databases-outdated"
    }

    package var code: Code
    package var level: DeviceStatusLevel
    /// Of the overdue: when it should have come.
    package var since: Timestamp?
    /// What it is about: units, applications, how much.
    package var subjects: [String]

    package init(code: Code, level: DeviceStatusLevel, since: Timestamp? = nil, subjects: [String] = []) {
        self.code = code
        self.level = level
        self.since = since
        self.subjects = subjects
    }
}

/// What is known of a device that its status goes by.
package struct StatusFacts: Hashable, Sendable {
    /// It is not served any more; nothing else counts then.
    package var isRevoked = false
    /// When it should synchronize, or should have; nil for one that is not waited for.
    package var due: Timestamp?
    package var failedUnits: [String] = []
    package var failedSettings: [ApplicationID] = []
    package var changedLocally: [ApplicationID] = []
    package var isCopied = false
    /// How many are pending; nil: none.
    package var securityUpdates: String?
    package var isRestartRequired = false
    /// Names of tasks for it whose last run on it came to no good end.
    package var failedTasks: [String] = []
    /// Files that something was found in.
    package var threats: [String] = []
    /// Why nothing is scanned.
    package var protectionStopped: [String] = []
    /// Versions of databases that are too old.
    package var databasesOutdated: [String] = []
    package var measures = StatusMeasures()

    package init() {}
}

/// From what on a device's status is worse: the effective settings of the application `device-status`.
package struct StatusConditions: Hashable, Sendable {
    package let overdueWarning: Duration
    package let overdueCritical: Duration
    package let unitFailed: DeviceStatusLevel
    package let settingsFailed: DeviceStatusLevel
    package let changedLocally: DeviceStatusLevel
    package let copySuspected: DeviceStatusLevel
    package let diskWarning: Int64
    package let diskCritical: Int64
    package let clockOff: Duration
    package let securityUpdates: DeviceStatusLevel
    package let restartRequired: DeviceStatusLevel
    package let taskFailed: DeviceStatusLevel
    package let threatFound: DeviceStatusLevel
    package let protectionStopped: DeviceStatusLevel
    package let databasesOutdated: DeviceStatusLevel

    package init(_ effective: EffectiveSettings) {
        func duration(_ key: String) -> Duration {
            if case .duration(let value) = effective[key] { value } else { .days(36_500) }
        }
        func number(_ key: String) -> Int64 { if case .number(let value) = effective[key] { value } else { 0 } }
        func level(_ key: String) -> DeviceStatusLevel {
            if case .text(let code) = effective[key] { DeviceStatusLevel(code: code) ?? .ok } else { .ok }
        }
        overdueWarning = duration(DeviceStatusKey.overdueWarning)
        overdueCritical = duration(DeviceStatusKey.overdueCritical)
        unitFailed = level(DeviceStatusKey.unitFailed)
        settingsFailed = level(DeviceStatusKey.settingsFailed)
        changedLocally = level(DeviceStatusKey.changedLocally)
        copySuspected = level(DeviceStatusKey.copySuspected)
        diskWarning = number(DeviceStatusKey.diskWarning)
        diskCritical = number(DeviceStatusKey.diskCritical)
        clockOff = duration(DeviceStatusKey.clockOff)
        securityUpdates = level(DeviceStatusKey.securityUpdates)
        restartRequired = level(DeviceStatusKey.restartRequired)
        taskFailed = level(DeviceStatusKey.taskFailed)
        threatFound = level(DeviceStatusKey.threatFound)
        protectionStopped = level(DeviceStatusKey.protectionStopped)
        databasesOutdated = level(DeviceStatusKey.databasesOutdated)
    }

    package static let standard = StatusConditions(EffectiveSettings(.deviceStatus, policies: [], own: [:]))
}
