import ArgumentParser
import MusterAPI
import MusterModel

/// `muster overview`
struct OverviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "Shows the fleet on one screen: how many devices are how, why, and what those have in common.",
        discussion: """
            What devices of one reason share is counted by what it is about, group and operating system; the 5 most frequent of \
            each.
            """)
    @OptionGroup var global: GlobalOptions
    @Option(help: "What changed since then: a time, or how long ago (1d).") var since: SinceArgument?

    func run() async throws {
        let query = since.map { [(name: "since", value: $0.time(now: .now()).description)] } ?? []
        let overview = try await global.withClient { client in
            try await client.get(APIPath.overview, query: query, as: Overview.self)
        }
        guard global.output == .table else { return try ItemPrinter.print(overview, global.output, members: []) }
        for line in Self.lines(overview) { try Console.line(TerminalText.escaped(line)) }
    }

    static func lines(_ overview: Overview) -> [String] {
        let states = overview.states.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { code, count in
            "\(ConnectionState(code: code)?.words ?? code) \(count)"
        }
        let levels = DeviceStatusLevel.allCases.compactMap { level -> String? in
            let count = overview.status[level.code] ?? 0
            return level == .revoked && count == 0 ? nil : "\(level.words) \(count)"
        }
        let changes = overview.changes
        return [
            devices(overview.devices),
            "Status:      " + levels.joined(separator: " · "),
            "Connection:  " + (states.isEmpty ? "-" : states.joined(separator: " · ")),
            "Since \(Shown.time(changes.since)):  enrolled \(changes.enrolled) · worse \(changes.worse) · better \(changes.better)",
        ] + overview.reasons.flatMap(lines)
    }

    private static func devices(_ count: Int64) -> String { "\(count) \(count == 1 ? "device" : "devices")" }

    private static func lines(_ reason: Overview.Reason) -> [String] {
        let level = DeviceStatusLevel(code: reason.level)?.words ?? reason.level
        let shares = [("about", reason.subjects), ("group", reason.groups), ("system", reason.operatingSystems)]
        return [
            "",
            "\(level): \(StatusWords.text(reason.code)): \(devices(reason.devices))"
                + ((reason.recent ?? 0) > 0 ? ", \(reason.recent ?? 0) since then" : ""),
        ]
            + shares.filter { !$0.1.isEmpty }.map { title, shares in
                "  \(title): " + shares.map { "\($0.name.isEmpty ? "unknown" : $0.name) (\($0.devices))" }.joined(separator: ", ")
            }
    }
}

/// Reasons of a device's status, in words.
enum StatusWords {
    static func text(_ code: String) -> String {
        switch StatusReason.Code(rawValue: code) {
        case .overdue: "overdue"
        case .unitFailed: "a watched unit failed"
        case .settingsFailed: "settings could not be applied"
        case .changedLocally: "a managed setting was changed locally"
        case .copySuspected: "several machines come as one device"
        case .diskNearlyFull: "the disk is nearly full"
        case .clockOff: "the clock is off"
        case .securityUpdates: "security updates are pending"
        case .restartRequired: "a restart is required"
        case .taskFailed: "a task failed"
        case .threatFound: "a threat was found"
        case .protectionStopped: "protection is stopped"
        case .databasesOutdated: "databases of signatures are outdated"
        case nil: code
        }
    }
}

extension DeviceStatusLevel {
    var words: String {
        switch self {
        case .ok: "OK"
        case .warning: "Warning"
        case .critical: "Critical"
        case .revoked: "Revoked"
        }
    }
}
