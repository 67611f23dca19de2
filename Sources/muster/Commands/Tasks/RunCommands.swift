import ArgumentParser
import MusterAPI
import MusterModel

/// `muster runs …`
struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs of tasks on devices: how far they are, what came of them, what their programs said.",
        subcommands: [List.self, Show.self, Output.self, Stop.self, Watch.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists runs, the newest first.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filter: RunFilterOptions
        @Option(help: ArgumentHelp("Only those of this task: its name or id.", valueName: "task")) var task: String?
        @Option(help: .ofDevice) var device: String?
        @Option(help: ArgumentHelp("Only those of this order: the action's id.", valueName: "action")) var order: String?

        func run() async throws {
            try await global.withClient { client in
                var query = filter.query
                if let task { query.append(("task", try await client.id(of: task, TaskEntry.self).description)) }
                if let device { query.append(("device", try await client.device(device).description)) }
                if let order { query.append(("order", try await client.id(of: order, ActionOrderEntry.self).description)) }
                try await client.printList(
                    of: RunEntry.self, at: APIPath.runs, query: query, limit: filter.limit.limit ?? 100, global.output,
                    empty: query.isEmpty ? "Nothing was run." : "There is no such run.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a run.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .run) var id: String

        func run() async throws {
            let run = try await global.withClient { client in try await client.oneRun(id) }
            try ItemPrinter.print(run, global.output, members: run.members)
        }
    }

    struct Output: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what the programs of a run said.",
            discussion: "Of what was long the first 16 KiB and the last 48 KiB are kept; where something was left out is marked.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .run) var id: String

        func run() async throws {
            let output = try await global.withClient { client in
                let id = try await client.oneRun(self.id).id
                return try await client.get(APIPath.filled(APIPath.runOutput, id), as: RunOutputEntry.self)
            }
            guard global.output == .table else { return try ItemPrinter.print(output, .json, members: []) }
            for piece in output.pieces { try Console.write(piece) }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops a run: one that its device does not have yet is cancelled.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .run) var id: String

        func run() async throws {
            let (before, run) = try await global.withClient { client in
                let before = try await client.oneRun(id)
                let path = APIPath.filled(APIPath.runStop, before.id)
                return (before, try await client.call(.init(method: .post, path: path), as: RunEntry.self))
            }
            try ItemPrinter.print(run, global.output, members: [("Stop", run.stopWords(before: before))] + run.members)
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how a run goes on until it has ended.",
            discussion: "Exit code 3: it has not ended in time; 4: it did not succeed.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .run) var id: String
        @Option(help: "How long at most; 1h unless given.", transform: DurationArgument.typed) var timeout = DurationArgument(
            .hours(1))

        func run() async throws {
            let configuration = try global.configuration()
            var run = try await APIClient.with(configuration) { client in try await client.oneRun(id) }
            var said: String?
            var looks = RepeatedLook(configuration, within: timeout.duration, every: .milliseconds(500))
            _ = try await looks.until { client in
                run = try await client.get(APIPath.filled(APIPath.run, run.id), as: RunEntry.self)
                if let text = run.words(permanent: nil), text != said, global.output == .table {
                    said = text
                    try Console.line(TerminalText.escaped("\(run.deviceName): \(text)"))
                }
                return run.known?.isFinal == true
            }
            if global.output == .json { try ItemPrinter.print(run, .json, members: []) }
            guard run.known?.isFinal == true else { throw ExitCode(3) }
            guard run.known == .succeeded else { throw ExitCode(4) }
        }
    }
}

extension APIClient {
    /// By its id, or the beginning of one of the newest.
    mutating func oneRun(_ text: String) async throws -> RunEntry {
        if let id = RunID(text) { return try await get(APIPath.filled(APIPath.run, id)) }
        var reference = Reference<RunEntry>(text)
        try await forEachPage(APIPath.runs, limit: 1000, of: RunEntry.self) { reference.considered($0) }
        return try reference.decided(server: server)
    }
}
