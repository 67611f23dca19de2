import ArgumentParser

/// `muster-swarm`: a fleet of simulated devices. Exit codes: 0 valid, 1 not valid or failed (stderr says why), 64 wrong usage.
@main
struct MusterSwarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster-swarm",
        abstract: "Runs thousands of simulated devices, with the real agent session over real TLS, against a server.",
        subcommands: [
            RunCommand.self, RestartCommand.self, SynchronizationsCommand.self, HandshakesCommand.self, ListenCommand.self,
        ])
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json
}
