import MusterAgent
import MusterModel

/// A check as people read it: a step a line, what to do under the step that failed, and the verdict at the end.
struct CheckText {
    private static let width = 17
    private var lines: [String] = []

    init(_ report: CheckReport) {
        if let link = report.link { add(link) }
        var server: String?
        for finding in report.findings {
            if let named = finding.server, named != server {
                lines.append("\(named)\(report.proxy.map { " through the proxy \($0)" } ?? "")")
                server = named
            }
            add(finding)
        }
        lines.append("")
        lines.append(Self.verdict(of: report))
    }

    var text: String { lines.joined(separator: "\n") }

    private mutating func add(_ link: LinkReport) {
        if let connection = link.connection {
            lines.append("The agent is connected to \(connection.server) since \(connection.since).")
        }
        if let error = link.lastError {
            let attempts = "\(error.attempts) \(error.attempts == 1 ? "attempt" : "attempts")"
            let next = error.nextTry.map { ", next try \($0)" } ?? ""
            lines.append("The agent has failed to connect since \(error.since) (\(attempts)\(next)).")
            lines.append("Its last failure: \(error.text.isEmpty ? error.words : "\(error.reason): \(error.text)")")
        } else if let last = link.lastSynchronization {
            let next = link.nextSynchronization.map { ", the next is due at \($0)" } ?? ""
            lines.append("The agent synchronized last at \(last)\(next).")
        } else {
            lines.append("The agent has not synchronized yet.")
        }
    }

    private mutating func add(_ finding: CheckFinding) {
        let verdict =
            switch finding.verdict {
            case .ok: "ok       "
            case .failed: "FAILED   "
            case .notTried: "not tried"
            }
        let time = finding.milliseconds.map { " (\(Self.text(milliseconds: $0)))" } ?? ""
        let name = finding.step.rawValue
        lines.append(
            "  \(name)\(String(repeating: " ", count: max(1, Self.width - name.count)))\(verdict)  \(finding.text)\(time)")
        if finding.verdict == .failed, finding.step == .serverKey {
            lines.append("      shown:   \(finding.shown?.description ?? "none")")
            for pin in finding.trusted ?? [] { lines.append("      trusted: \(pin)") }
        }
        if let advice = finding.advice { lines += Self.wrapped(advice).map { "      \($0)" } }
    }

    private static func text(milliseconds: Double) -> String {
        milliseconds >= 10 ? "\(Int(milliseconds.rounded())) ms" : "\((milliseconds * 10).rounded() / 10) ms"
    }

    /// At most 100 characters a line.
    private static func wrapped(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > 100 { lines.append("") }
            lines[lines.count - 1] += lines[lines.count - 1].isEmpty ? word : " \(word)"
        }
        return lines
    }

    private static func verdict(of report: CheckReport) -> String {
        if let failed = report.failed { return "Failed: \(failed.rawValue) (exit code \(report.exitCode))." }
        if let others = othersFailed(in: report) { return others }
        let untried = report.findings.filter { $0.verdict == .notTried && $0.step != .state }
        return untried.isEmpty ? "All is well." : "Nothing failed of what could be tried."
    }

    /// Of several addresses one that serves is enough: the sentence says that others do not. Nil when none failed.
    private static func othersFailed(in report: CheckReport) -> String? {
        let failed = Set(report.findings.filter { $0.verdict == .failed }.compactMap(\.server))
        let reached = report.findings.last { $0.step == .serverKey && $0.verdict == .ok }?.server
        guard let reached, !failed.isEmpty, !failed.contains(reached) else { return nil }
        let others = failed.count == 1 ? "1 other address is" : "\(failed.count) other addresses are"
        return "The server at \(reached) is reached; \(others) not, as shown above."
    }
}
