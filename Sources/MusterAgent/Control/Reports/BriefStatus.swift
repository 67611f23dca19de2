import Glibc
package import MusterModel

/// How a device stands, in one line: the last that an installation prints. Where several server addresses were tried in vain, a line for each
/// follows.
package struct BriefStatus: Sendable {
    private let report: StatusReport
    private let host: String
    private let now: Timestamp

    package init(_ report: StatusReport, host: String = Self.hostName, now: Timestamp = .now()) {
        self.report = report
        self.host = host
        self.now = now
    }

    package static var hostName: String { SystemCall.line(of: "/proc/sys/kernel/hostname") ?? "this device" }

    package var text: String {
        guard report.device != nil else { return notEnrolled }
        guard report.running else { return "NOT running. Start it: systemctl start muster-agent" }
        guard report.lastError == nil, report.lastSynchronization != nil else {
            return "NOT connected: \(why). \(next)See: muster-agent check\(addresses)"
        }
        let place = report.lastServer ?? report.servers.first ?? "the server"
        var text = "Connected to \(place) as \(host)."
        if let count = report.applications { text += " \(Self.grouped(count)) applications reported." }
        if let next = report.nextSynchronization { text += " Next synchronization \(Self.localTime(next))." }
        for trouble in report.managedApplications?.compactMap(\.trouble) ?? [] { text += " \(trouble)." }
        return text
    }

    private var notEnrolled: String {
        guard report.running || report.lastError != nil else {
            return
                "NOT enrolled: there is no connection file. With one from your server: muster-agent enrol --connection-file FILE"
        }
        return "NOT enrolled: \(why). \(next)See: muster-agent check\(addresses)"
    }

    /// What went wrong, without a full stop.
    private var why: String {
        guard let error = report.lastError else { return "no answer yet" }
        guard failedAddresses.isEmpty else { return "none of the \(failedAddresses.count) server addresses works" }
        return Self.sentence(error.reason, error.text)
    }

    /// A line for each of several addresses, in the order they are tried.
    private var addresses: String { failedAddresses.map { "\n  \($0)" }.joined() }

    private var failedAddresses: [String] {
        guard report.lastError != nil, let attempts = report.attempts, !attempts.isEmpty, report.servers.count > 1 else {
            return []
        }
        return report.servers.map { server in
            guard let attempt = attempts.last(where: { $0.server == server }) else { return "\(server): not tried" }
            let words = Self.sentence(attempt.reason, attempt.text)
            return words.hasPrefix(server) ? words : "\(server): \(words)"
        }
    }

    private static func sentence(_ reason: String, _ text: String) -> String {
        let words = text.isEmpty ? Self.words(reason) : text
        return words.hasSuffix(".") ? String(words.dropLast()) : words
    }

    private var next: String {
        guard let time = report.lastError?.nextTry else { return "" }
        let wait = max(.zero, time - now)
        return wait < .seconds(120) ? "Next try in \(wait.components.seconds) s. " : "Next try at \(Self.localTime(time)). "
    }

    private static func words(_ reason: String) -> String {
        switch CloseReason(code: reason) {
        case .tokenUnknown: "the server does not know the token of this package"
        case .tokenExpired: "the token of this package has expired: download a new one"
        case .tokenUsedUp: "the token of this package has enrolled as many devices as it may: download a new one"
        case .tokenRevoked: "the token of this package was revoked, or the package was deleted"
        case .serverKeyMismatch: "what answers there has not the key of the server of this package"
        case .enrolmentLimit: "the server takes no more enrolments just now"
        case let known?: known.deviceWords
        case nil: reason
        }
    }

    /// `1,204`
    package static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.enumerated().map { index, digit in
            (index > 0 && digits[index - 1].isNumber && (digits.count - index) % 3 == 0 ? "," : "") + String(digit)
        }.joined()
    }

    /// `14:45`, where this device is.
    private static func localTime(_ time: Timestamp) -> String {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return time.description }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(parts.tm_hour)):\(two(parts.tm_min))"
    }
}

extension BriefStatus {
    /// Whether enough is known since the agent started: it synchronized, or an attempt failed.
    /// - Parameter first: what was seen before, to tell a new failure from an old one.
    package static func isSettled(_ report: StatusReport, after first: StatusReport) -> Bool {
        guard report.running, let started = report.started else { return false }
        if let error = report.lastError {
            return error.since >= started || error.attempts > (first.lastError?.attempts ?? 0)
        }
        return report.lastSynchronization.map { $0 >= started } ?? false
    }
}
