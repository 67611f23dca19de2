import ArgumentParser
import MusterAPI
import MusterModel

/// `muster events …`
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What happened on the devices.", subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists events in the order the server stored them.",
            discussion: """
                Without --since, the newest 100 (with --follow 10); --limit N gives the newest N. With --since, all from then on. \
                --follow goes on with new events as they are stored, through lost connections; as JSON it prints one object a line.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Option(help: .ofDevice) var device: String?
        @Option(help: "Only of this severity or worse.") var severity: Severity?
        @Option(
            help: ArgumentHelp("Only those that occurred since then: a time in UTC, or how long ago.", valueName: "time|duration")
        )
        var since: SinceArgument?
        @Flag(help: "Go on with new events until interrupted.") var follow = false

        func run() async throws {
            let configuration = try global.configuration()
            let filter = try await filter(configuration)
            var printer = EventPrinter(global.output, following: follow)
            let position = try await EventHistory(filter: filter, since: since != nil, limit: limit.limit, following: follow)
                .print(configuration, &printer)
            guard follow else { return try printer.finish() }
            var follower = StreamFollower(
                configuration: configuration, request: .get(APIPath.eventsFollow, query: filter), position: position)
            try await follower.run { event in
                if event.type == "event" { try printer.print([event.value(of: configuration.server, as: EventEntry.self)]) }
            }
        }

        private func filter(_ configuration: ClientConfiguration) async throws -> [(name: String, value: String)] {
            var filter: [(name: String, value: String)] = []
            if let device {
                let id = try await APIClient.with(configuration) { client in try await client.device(device) }
                filter.append(("device", id.description))
            }
            if let severity { filter.append(("severity", severity.code)) }
            if let since { filter.append(("since", since.time(now: .now()).description)) }
            return filter
        }
    }
}
