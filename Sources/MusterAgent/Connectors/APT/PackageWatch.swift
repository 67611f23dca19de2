import MusterModel
import MusterSession

/// What the state of a device's packages means: facts, problems, statistics, and events about what changed. Rules only.
struct PackageWatch {
    /// Names in a fact; the others are counted.
    private static let shown = 10

    private static let securityFact = "updates/security"
    private static let restartFact = "restart-required"

    let facts: [ApplicationFact]
    let problems: [ApplicationProblem]
    let statistics: [String: Int64]
    let events: [DeviceEvent]

    /// - Parameters:
    ///   - held: packages that stay as they are by the owner's word.
    ///   - restart: packages that ask for a restart of the device; nil: none is asked for.
    ///   - before: what was reported of them last.
    init(
        _ updates: PendingUpdates, held: [String], restart: [String]?, after before: ApplicationReport?, now: Timestamp
    ) {
        let security = updates.security.map(\.name).sorted()
        facts = [
            ApplicationFact(name: "updates/pending", text: String(updates.all.count)),
            ApplicationFact(name: Self.securityFact, text: String(security.count)),
            ApplicationFact(name: "updates/security-packages", text: Self.text(security)),
            ApplicationFact(name: "held", text: Self.text(held.sorted())),
            ApplicationFact(name: Self.restartFact, text: restart.map { $0.isEmpty ? "yes" : Self.text($0) } ?? ""),
        ].filter { !$0.text.isEmpty }
        var problems: [ApplicationProblem] = []
        if !security.isEmpty {
            problems.append(
                ApplicationProblem(code: ApplicationProblem.securityUpdatesPending, subject: String(security.count)))
        }
        if restart != nil { problems.append(ApplicationProblem(code: ApplicationProblem.restartRequired, subject: "device")) }
        self.problems = problems
        statistics = [
            "updates-pending": Int64(updates.all.count), "security-updates-pending": Int64(security.count),
            "packages-held": Int64(held.count),
        ]
        events = [
            Self.updatesEvent(security, before: Self.fact(Self.securityFact, before).flatMap { Int($0) } ?? 0, now),
            restart.flatMap { Self.fact(Self.restartFact, before) == nil ? Self.restartEvent($0, now) : nil },
        ].compactMap(\.self)
    }

    private static func fact(_ name: String, _ report: ApplicationReport?) -> String? {
        report?.facts.first { $0.name == name }?.text
    }

    private static func text(_ names: [String]) -> String {
        let rest = names.count - shown
        return names.prefix(shown).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Each time there are more of them.
    private static func updatesEvent(_ names: [String], before: Int, _ now: Timestamp) -> DeviceEvent? {
        guard names.count > before else { return nil }
        let what = names.count == 1 ? "1 security update is" : "\(names.count) security updates are"
        return DeviceEvent(
            type: EventType.securityUpdatesPending, severity: .warning, occurred: now,
            parameters: ["count": .integer(Int64(names.count))], text: "\(what) pending: \(text(names))")
    }

    private static func restartEvent(_ packages: [String], _ now: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type: EventType.restartRequired, severity: .warning, occurred: now,
            parameters: ["packages": .text(text(packages))],
            text: "the device has to be restarted" + (packages.isEmpty ? "" : " for \(text(packages))"))
    }
}
