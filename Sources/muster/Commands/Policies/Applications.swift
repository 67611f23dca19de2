import ArgumentParser
import MusterAPI
import MusterModel

/// `muster applications …`
struct Applications: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Managed applications, and what can be set of each.",
        subcommands: [List.self, Show.self, Accept.self, Reject.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the applications that policies can be made for, and those whose manifests wait to be accepted.")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let all = try await global.withClient { client in try await client.applications() }
            var printer = ListPrinter<ApplicationEntry>(global.output, empty: "The server manages no application.")
            try printer.print(all)
            try printer.finish()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the settings of an application: keys, what is allowed, what holds where nothing is set.",
            discussion: "What is written here as allowed is how it is typed: 'on', '15m', '15001', 'a,b'.")
        @OptionGroup var global: GlobalOptions
        @Argument(
            help: "The application's id, as network-agent; ID/VERSION for one manifest of an application that is not built in.")
        var application: String

        func run() async throws {
            let all = try await global.withClient { client in try await client.applications() }
            if application.contains("/") {
                let manifests = try ManifestReference(application).manifests(in: all)
                guard global.output == .table else { return try ItemPrinter.print(manifests, global.output, members: []) }
                for line in manifests.flatMap(ApplicationSheet.lines) { try Console.line(line) }
                return
            }
            let entry = try ManifestReference(application).application(in: all)
            guard global.output == .table else { return try ItemPrinter.print(entry, global.output, members: []) }
            for line in ApplicationSheet.lines(entry) { try Console.line(line) }
        }
    }
}

/// What can be set of an application, for people: a paragraph for each setting.
enum ApplicationSheet {
    static func lines(_ application: ApplicationEntry) -> [String] {
        [TerminalText.escaped("\(application.id): \(application.title)")] + (application.manifests ?? []).map(line)
            + application.settings.flatMap { lines($0) } + application.tasks.flatMap(lines)
    }

    private static func lines(_ task: ApplicationEntry.TaskType) -> [String] {
        let reach =
            task.limitedByReach ? ["    For how many devices an hour it may be ordered is limited by the reach of a token."] : []
        let required = task.required.isEmpty ? [] : ["    needed   \(task.required.joined(separator: ", "))"]
        let head = ["task \(task.type)  \(task.title)", "    \(task.help)"] + required + reach
        return [""] + head.map(TerminalText.escaped)
            + task.settings.flatMap { lines($0, unset: task.required.contains($0.key) ? "none: it must be set" : "not set") }
    }

    static func lines(_ manifest: ManifestEntry) -> [String] {
        [TerminalText.escaped("\(manifest.application): \(manifest.title)"), line(manifest)]
            + manifest.settings.flatMap { lines($0) }
            + manifest.tasks.flatMap(lines)
    }

    /// `manifest 1.0 (0f3c…), not accepted, on 3 devices, first seen … on …`
    private static func line(_ manifest: ManifestEntry) -> String {
        let devices = manifest.devices == 1 ? "1 device" : "\(manifest.devices) devices"
        let decided = manifest.decided.map { " \(Shown.time($0)) by \(manifest.decidedBy ?? "?")" } ?? ""
        let device = Shown.named(manifest.firstDeviceName, manifest.firstDevice)
        return TerminalText.escaped(
            "manifest \(manifest.version) (\(manifest.digest)), \(ManifestWords.text(manifest.standing))\(decided), on \(devices), "
                + "first seen \(Shown.time(manifest.firstSeen)) on \(device)")
    }

    /// - Parameter unset: what holds where nothing is set and there is no default.
    private static func lines(
        _ setting: ApplicationEntry.Setting, unset: String = "none: the application goes on with what it has"
    ) -> [String] {
        let members = [
            "\(setting.key)  \(setting.title)", "    type     \(setting.type)", "    allowed  \(setting.allowed)",
            "    default  \(setting.standard.map(ValueWords.text) ?? unset)",
        ]
        return [""] + (members + [setting.help].filter { !$0.isEmpty }.map { "    \($0)" }).map(TerminalText.escaped)
    }
}
