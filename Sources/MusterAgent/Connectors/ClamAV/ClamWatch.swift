import MusterModel

/// What the state of ClamAV means: facts, problems, statistics, and events about what changed. Threats are `ThreatWatch`'s. Rules only.
struct ClamWatch {
    /// What was learnt of it.
    struct Facts: Hashable, Sendable {
        var standing = ProtectionCourse.Standing.stopped
        var stats: ClamdStats?
        var databases = SignatureDatabases()
        /// As clamd says it; of those it loaded, not of those on the disk.
        var databaseVersion: Int64?
        /// Of `clamav-clamonacc.service`; nil: it is not known.
        var onAccess: OnAccess?
        var outdatedAfter = Duration.days(7)
        /// clamd keeps a log that threats can be read from.
        var hasLog = true
    }

    private(set) var problems: [ApplicationProblem] = []
    private(set) var facts: [ApplicationFact] = []
    private(set) var statistics: [String: Int64] = [:]
    private(set) var events: [DeviceEvent] = []

    init(
        _ found: Facts, verdict: ProtectionCourse.Verdict, memory: ClamMemory, after before: ApplicationReport?, now: Timestamp
    ) {
        tellProtection(verdict, before, now)
        tellDatabases(found, before, now)
        if found.onAccess?.standing == .down {
            problems.append(ApplicationProblem(code: ApplicationProblem.unitFailed, subject: ClamUnits.onAccess))
        }
        if !found.hasLog { problems.append(ApplicationProblem(code: ApplicationProblem.logMissing, subject: "clamd.conf")) }
        facts = [
            ApplicationFact(name: "clamd", text: found.standing == .loading ? "loading databases" : ""),
            ApplicationFact(
                name: "database/version", text: (found.databaseVersion ?? found.databases.version).map { String($0) } ?? ""),
            ApplicationFact(name: "database/built", text: found.databases.built?.description ?? ""),
            ApplicationFact(name: "on-access", text: found.onAccess?.shown ?? ""),
        ].filter { !$0.text.isEmpty }
        statistics = [
            "files-scanned": memory.scanned, "threats-found": memory.found, "threats-present": Int64(memory.threats.count),
        ]
        statistics["signatures"] = memory.signatures ?? (found.databases.signatures > 0 ? found.databases.signatures : nil)
        statistics["threads-busy"] = found.stats.map { max(0, $0.threadsAlive - $0.threadsIdle) }
        statistics["threads-maximum"] = found.stats?.threadsMaximum
        statistics["queue"] = found.stats?.queued
        statistics["database-age-seconds"] = found.databases.built.map { max(0, (now - $0).milliseconds / 1000) }
    }

    private static func had(_ code: String, _ before: ApplicationReport?) -> Bool {
        before?.problems.contains { $0.code == code } == true
    }

    private mutating func tellProtection(_ verdict: ProtectionCourse.Verdict, _ before: ApplicationReport?, _ now: Timestamp) {
        let had = Self.had(ApplicationProblem.protectionStopped, before)
        if let reason = verdict.reason {
            problems.append(ApplicationProblem(code: ApplicationProblem.protectionStopped, subject: reason))
            if !had { events.append(.protectionStopped(reason, now)) }
        } else if had, verdict.state == .running {
            events.append(
                DeviceEvent(type: EventType.protectionRunning, severity: .info, occurred: now, text: "clamd answers again"))
        }
    }

    private mutating func tellDatabases(_ found: Facts, _ before: ApplicationReport?, _ now: Timestamp) {
        let had = Self.had(ApplicationProblem.databasesOutdated, before)
        let built = found.databases.built
        guard built.map({ now - $0 > found.outdatedAfter }) ?? true else {
            if had {
                events.append(
                    DeviceEvent(
                        type: EventType.databasesCurrent, severity: .info, occurred: now,
                        text: "the databases of signatures are current again"))
            }
            return
        }
        // Its version, which does not change by itself as an age would.
        let version = found.databases.version.map { String($0) }
        problems.append(
            ApplicationProblem(code: ApplicationProblem.databasesOutdated, subject: built == nil ? "none" : version ?? "local"))
        guard !had else { return }
        let parameters: Parameters = [
            "version": version.map { .text($0) }, "built": built.map { .text($0.description) },
        ].compactMapValues(\.self)
        let text = built.map { "the newest database of signatures was made at \($0)" } ?? "there are no databases of signatures"
        events.append(
            DeviceEvent(
                type: EventType.databasesOutdated, severity: .warning, occurred: now, parameters: parameters,
                text: text + ": let freshclam update them"))
    }
}

extension DeviceEvent {
    static func protectionStopped(_ reason: String, _ now: Timestamp) -> DeviceEvent {
        let what =
            switch reason {
            case "silent": "clamd does not answer"
            case "not-installed": "ClamAV is not installed any more"
            default: "clamd is stopped"
            }
        return DeviceEvent(
            type: EventType.protectionStopped, severity: .error, occurred: now, parameters: ["reason": .text(reason)],
            text: "\(what): nothing is scanned")
    }
}

extension ApplicationProblem {
    /// clamd keeps no log in a file, so that what it finds is not known; the subject is where to change it.
    static let logMissing = "log-missing"
}
