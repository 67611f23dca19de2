import ArgumentParser
import MusterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The administrator's command line: everything it does goes through the HTTPS API.
@main
struct Muster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster",
        abstract: "Administers a Muster server from the command line.",
        discussion: """
            The server, the API token and the server key fingerprint come from --server, --token-file and --pin, else from \
            MUSTER_SERVER, MUSTER_TOKEN_FILE and MUSTER_PIN, else from the members 'server', 'tokenFile' and 'pin' of the JSON object in \
            \(ConfigurationFile.shownPath). API tokens are good for 90 days unless they were made otherwise: 'muster api-tokens create' makes \
            another. Where a device, a policy or a package is asked for, its name, its id, or the beginning of its id (\(ReferenceLimit.shortestPrefix) characters or \
            more) will do.
            """,
        version: ProductVersion.current,
        subcommands: [
            OverviewCommand.self, Devices.self, Groups.self, MovingRules.self, TagRules.self, Selections.self, Policies.self,
            Applications.self, Tasks.self, Runs.self, Actions.self, Installed.self, Events.self, Packages.self,
            EnrolmentTokens.self, APITokens.self,
            Settings.self, Server.self,
        ])

    /// As shells show a program that SIGPIPE ended: 128 and the signal's number.
    private static let readerGone: Int32 = 128 + SIGPIPE

    static func main() async {
        do {
            var command = try await asyncParseAsRoot(GlobalOptions.movedBehind(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as CommandError where error.code == .readerGone {
            // `muster … | head`: it has read what it wanted.
            exit(withError: ExitCode(readerGone))
        } catch {
            exit(withError: error)
        }
    }
}
