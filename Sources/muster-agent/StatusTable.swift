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
        if let error = report.lastError { add(error) }
    }

    private mutating func add(_ error: LastErrorReport) {
        add("Last error", error.text.isEmpty ? error.reason : "\(error.reason): \(error.text)")
        add("  since", "\(error.since) (\(error.attempts) \(error.attempts == 1 ? "attempt" : "attempts"))")
        add("  next try", error.nextTry)
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
