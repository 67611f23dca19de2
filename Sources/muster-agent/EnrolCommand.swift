import ArgumentParser
import MusterAgent
import MusterModel

/// `muster-agent enrol`: makes this device known to a server, once.
struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Enrol this device at a server.",
        discussion: "The token and the pins come from the server: muster enrolment-tokens create.",
        aliases: ["enroll"])

    @OptionGroup var state: StateOptions

    @Option(
        name: .customLong("server"), parsing: .upToNextOption,
        help: ArgumentHelp("The server's addresses for agents, in order of preference.", valueName: "host[:port]"),
        transform: ConnectionArgument.server)
    var servers: [ServerAddress]

    @Option(name: .long, help: ArgumentHelp("The file with the enrolment token; - reads it from stdin.", valueName: "file|-"))
    var tokenFile: String?

    @Option(name: .long, help: "The enrolment token. Others on this machine can see it there: prefer --token-file.")
    var token: String?

    @Option(
        name: .customLong("pin"), parsing: .upToNextOption,
        help: ArgumentHelp("Server key fingerprints: SHA-256, 64 hexadecimal digits.", valueName: "sha256"),
        transform: ConnectionArgument.pin)
    var pins: [Fingerprint]

    @Option(
        help: ArgumentHelp(
            "An HTTP proxy to go through; others on this machine can see a password in it there.",
            valueName: "http://[user:password@]host:port"),
        transform: ConnectionArgument.proxy)
    var proxy: ProxyAddress?

    func validate() throws {
        guard !servers.isEmpty else { throw ValidationError("--server is missing: HOST[:PORT]") }
        guard !pins.isEmpty else {
            throw ValidationError("--pin is missing: without it this device cannot tell its server from another")
        }
        guard (tokenFile == nil) != (token == nil) else {
            throw ValidationError("One of --token-file and --token is needed.")
        }
    }

    func run() async throws {
        if proxy?.password.isEmpty == false {
            Terminal.warn(
                "--proxy shows its password to every user of this machine while this command runs: a connection file does not")
        }
        let report = try await AgentProgram.enrol(
            EnrolOptions(stateDirectory: state.path, servers: servers, tokenText: try tokenText(), pins: pins, proxy: proxy))
        let place = state.path == StateDirectory.standardPath ? "" : " --state-dir \(state.path)"
        print("Enrolled at \(report.server) as device \(report.device).\nStart the agent: muster-agent run\(place)")
    }

    private func tokenText() throws -> String {
        if let token {
            Terminal.warn("--token shows the token to every user of this machine while this command runs: prefer --token-file")
            return token
        }
        return try TokenFile.read(tokenFile ?? "-")
    }
}
