import ArgumentParser
import MusterAgent

/// `muster-agent`: the program on a device. Exit codes: 0 done, 1 failed (the reason is on stderr), 64 wrong usage, 78 not enrolled; `check`
/// has more.
@main
struct MusterAgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster-agent",
        abstract: "Connects this device to its Muster server.",
        version: AgentVersion.current,
        subcommands: [
            EnrolCommand.self, RunCommand.self, SyncCommand.self, StatusCommand.self, CheckCommand.self, EventCommand.self,
            NoticeCommand.self, PrepareImageCommand.self, RunTaskCommand.self,
        ])
}

/// What every command takes.
struct StateOptions: ParsableArguments {
    @Option(name: .customLong("state-dir"), help: ArgumentHelp("The agent's state directory.", valueName: "dir"))
    var path = StateDirectory.standardPath
}

/// Of commands that heed what the device's owner says.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config-dir"),
        help: ArgumentHelp("Where agent.conf and services.conf are.", valueName: "dir"))
    var path = AgentConfiguration.standardDirectory
}
