import MusterAgent
import MusterModel

/// A status as people read it: a name and a value a line. Lines of what is not known are left out.
struct StatusTable {
    private var rows: [(name: String, value: String)] = []

    init(_ report: StatusReport) {
        add("Agent", "\(report.agentVersion), \(report.running ? "running" : "not running")")
        add("Device", report.device?.description ?? "not enrolled")
        add("Certificate valid until", report.certificateNotAfter)
        report.servers.forEach { add("Server", $0) }
        add("Proxy", report.proxy)
        if let certificate = report.serverCertificate {
            add("Server certificate", certificate.subject)
            add("  fingerprint", certificate.fingerprint)
            add("  valid", "\(certificate.notBefore) to \(certificate.notAfter)")
            add("  key fingerprint", certificate.pin)
        }
        report.pins.forEach { add("Pin", $0) }
        add("Synchronization interval", Duration.milliseconds(Int64(report.syncIntervalSeconds * 1000)).text)
        add("Connected", report.connection.map { "to \($0.server) since \($0.since)" })
        add("Last connection", report.lastConnection?.description ?? "never")
        add("Last synchronization", report.lastSynchronization?.description ?? "never")
        add("Next synchronization", report.nextSynchronization)
        add("Clock", report.clockOffsetSeconds.map { "server minus device \($0) s" })
        let spool = report.spool
        let dropped = spool.dropped > 0 ? ", \(spool.dropped) dropped" : ""
        add("Events waiting", "\(spool.events) (\(spool.bytes) bytes)\(dropped); next is \(spool.next)")
        if let requests = report.connectionRequests { add(requests) }
        report.managedApplications?.forEach { add($0) }
        report.externalConnectors?.forEach { add("Connector \($0.name)", $0.text) }
        report.scheduledTasks?.forEach { add($0) }
        report.runs?.forEach {
            add("Run of '\($0.name)'", "\($0.type), " + ($0.started.map { "under way since \($0)" } ?? "waits"))
        }
        if let ceiling = report.ceiling { add("Ceiling of the owner", "\(ceiling.path) \(ceiling.text)") }
        if let error = report.lastError { add(error, report.attempts ?? []) }
    }

    private mutating func add(_ task: ScheduledTaskReport) {
        add("Task '\(task.name)'", "\(task.type), \(task.schedule)")
        if let text = task.text { add("  refused", text) }
        add("  next", task.next)
        add("  last result", task.lastResult?.rawValue)
    }

    private mutating func add(_ application: ManagedApplicationReport) {
        let version = application.version.isEmpty ? "" : " (\(application.version))"
        add(application.title, application.state + version)
        add("  settings", application.settingsText)
        if !application.changedLocally.isEmpty { add("  changed locally", application.changedLocally.joined(separator: ", ")) }
        if !application.restricted.isEmpty { add("  restricted by the device", application.restricted.joined(separator: ", ")) }
        for problem in application.problems { add("  problem", "\(problem.code) \(problem.subject)") }
        for fact in application.facts { add("  \(fact.name)", fact.text) }
    }

    private mutating func add(_ requests: ConnectionRequestReport) {
        let port = requests.port != 0 ? "UDP port \(requests.port)" : requests.failure ?? "not listened for, by the settings"
        add("Connection requests", port)
        if requests.port != 0 { add("  not as set", requests.failure) }
        if requests.port != 0 { add("  device's firewall", Self.text(requests.firewall)) }
        add("  last accepted", requests.lastAccepted?.description ?? "none since the start")
        add("  received", requests.receivedText)
        add("  dropped", requests.droppedText)
    }

    private static func text(_ firewall: FirewallState) -> String {
        let name = firewall.kind.rawValue
        let detail = firewall.detail.map { " (\($0))" } ?? ""
        switch (firewall.kind, firewall.standing) {
        case (.none, _): return "none in force" + detail
        case (_, .open): return "\(name) lets it through\(firewall.isOpenedByAgent ? ", opened by the agent" : "")" + detail
        case (_, .closed) where firewall.isManaged: return "\(name) does not let it through" + detail
        case (_, .closed): return "\(name) does not let it through, and the agent is not told to open it"
        case (_, .unknown): return "\(name), not known" + detail
        }
    }

    private mutating func add(_ error: LastErrorReport, _ attempts: [ServerAttempt]) {
        add("Last error", error.text.isEmpty ? error.words : "\(error.reason): \(error.text)")
        add("  since", "\(error.since) (\(error.attempts) \(error.attempts == 1 ? "attempt" : "attempts"))")
        add("  next try", error.nextTry)
        guard attempts.count > 1 else { return }
        for attempt in attempts { add("  at \(attempt.server)", attempt.text.isEmpty ? attempt.reason : attempt.text) }
    }

    private mutating func add(_ name: String, _ value: (some CustomStringConvertible)?) {
        if let value { rows.append((name, value.description)) }
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            row.name + ":" + String(repeating: " ", count: width - row.name.count + 1) + row.value
        }.joined(separator: "\n")
    }
}
