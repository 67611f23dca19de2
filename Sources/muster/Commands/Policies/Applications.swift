import ArgumentParser
import MusterAPI
import MusterModel

/// `muster applications …`
struct Applications: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Managed applications, and what can be set of each.", subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the applications that policies can be made for.")
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
        @Argument(help: "The application's id, as network-agent.") var application: String

        func run() async throws {
            let all = try await global.withClient { client in try await client.applications() }
            guard let entry = all.first(where: { $0.id == application }) else {
                throw CommandError.notThere(
                    "There is no application '\(TerminalText.escaped(application))'.",
                    advice: "There is: \(TerminalText.escaped(all.map(\.id).joined(separator: ", "))).")
            }
            guard global.output == .table else { return try ItemPrinter.print(entry, global.output, members: []) }
            for line in ApplicationSheet.lines(entry) { try Console.line(line) }
        }
    }
}

/// What can be set of an application, for people: a paragraph for each setting.
enum ApplicationSheet {
    static func lines(_ application: ApplicationEntry) -> [String] {
        [TerminalText.escaped("\(application.id): \(application.title)")] + application.settings.flatMap(lines)
            + application.tasks.flatMap(lines)
    }

    private static func lines(_ task: ApplicationEntry.TaskType) -> [String] {
        let reach =
            task.limitedByReach ? ["    For how many devices an hour it may be ordered is limited by the reach of a token."] : []
        let required = task.required.isEmpty ? [] : ["    needed   \(task.required.joined(separator: ", "))"]
        let head = ["task \(task.type)  \(task.title)", "    \(task.help)"] + required + reach
        return [""] + head.map(TerminalText.escaped) + task.settings.flatMap(lines)
    }

    private static func lines(_ setting: ApplicationEntry.Setting) -> [String] {
        let members = [
            "\(setting.key)  \(setting.title)", "    type     \(setting.type)", "    allowed  \(setting.allowed)",
            "    default  \(setting.standard.map(ValueWords.text) ?? "none: the application goes on with what it has")",
        ]
        return [""] + (members + [setting.help].filter { !$0.isEmpty }.map { "    \($0)" }).map(TerminalText.escaped)
    }
}
