import ArgumentParser

/// `muster-lab`: a server and a few devices to play with, on this machine.
@main
struct MusterLabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster-lab",
        abstract: "A server and devices in networks of their own, on this machine. Needs root.",
        subcommands: [UpCommand.self, ShellCommand.self, RunCommand.self], defaultSubcommand: UpCommand.self)
}
