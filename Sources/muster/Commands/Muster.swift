import ArgumentParser

/// The administrator's command line: everything it does goes through the HTTPS API.
@main
struct Muster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster",
        abstract: "Administers a Muster server from the command line.",
        discussion: """
            The server, the API token and the server key fingerprint come from --server, --token-file and --pin, else from \
            MUSTER_SERVER, MUSTER_TOKEN_FILE and MUSTER_PIN, else from \(ConfigurationFile.shownPath). \
            Where a device is asked for, its id, the beginning of it, or its name will do.
            """,
        subcommands: [
            Devices.self, Actions.self, Installed.self, Events.self, Packages.self, EnrolmentTokens.self, APITokens.self,
            Settings.self,
            Server.self,
        ])

    static func main() async { await main(GlobalOptions.movedBehind(Array(CommandLine.arguments.dropFirst()))) }
}
