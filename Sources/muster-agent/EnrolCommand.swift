import ArgumentParser
import MusterAgent
import MusterModel

/// `muster-agent enrol`: makes this device known to a server, once; or gives it the addresses of a connection file.
struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Enrol this device at a server.",
        discussion: """
            With a connection file (muster packages download --connection-file), or with a token and the pins of the server (muster \
            enrolment-tokens create). A device that is enrolled keeps its identity and takes the addresses of the file; with --replace it \
            enrols anew.
            """,
        aliases: ["enroll"])

    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("The connection file of an installation package.", valueName: "file"))
    var connectionFile: String?

    @Flag(help: "Enrol anew, with the connection file, a device that is enrolled already: it becomes another one.")
    var replace = false

    @Option(
        name: .customLong("server"), parsing: .upToNextOption,
        help: ArgumentHelp("The server's addresses for agents, in order of preference.", valueName: "host[:port]"),
        transform: ConnectionArgument.server)
    var servers: [ServerAddress] = []

    @Option(name: .long, help: ArgumentHelp("The file with the enrolment token; - reads it from stdin.", valueName: "file|-"))
    var tokenFile: String?

    @Option(name: .long, help: "The enrolment token. Others on this machine can see it there: prefer --token-file.")
    var token: String?

    @Option(
        name: .customLong("pin"), parsing: .upToNextOption,
        help: ArgumentHelp("Server key fingerprints: SHA-256, 64 hexadecimal digits.", valueName: "sha256"),
        transform: ConnectionArgument.pin)
    var pins: [Fingerprint] = []

    @Option(
        help: ArgumentHelp(
            "An HTTP proxy to go through; others on this machine can see a password in it there.",
            valueName: "http://[user:password@]host:port"),
        transform: ConnectionArgument.proxy)
    var proxy: ProxyAddress?

    func validate() throws {
        guard connectionFile == nil else {
            guard servers.isEmpty, pins.isEmpty, token == nil, tokenFile == nil, proxy == nil else {
                throw ValidationError(
                    "--connection-file says all of it: no --server, --pin, --token, --token-file or --proxy beside it")
            }
            return
        }
        guard !replace else { throw ValidationError("--replace goes with --connection-file") }
        guard !servers.isEmpty else { throw ValidationError("--connection-file or --server is missing: HOST[:PORT]") }
        guard !pins.isEmpty else {
            throw ValidationError("--pin is missing: without it this device cannot tell its server from another")
        }
        guard (tokenFile == nil) != (token == nil) else {
            throw ValidationError("One of --token-file and --token is needed.")
        }
    }

    func run() async throws {
        if let connectionFile { return try await take(connectionFile) }
        if proxy?.password.isEmpty == false {
            Terminal.warn(
                "--proxy shows its password to every user of this machine while this command runs: a connection file does not")
        }
        let report = try await AgentProgram.enrol(
            EnrolOptions(stateDirectory: state.path, servers: servers, tokenText: try tokenText(), pins: pins, proxy: proxy))
        print("Enrolled at \(report.server) as device \(report.device).\nStart the agent: \(start)")
    }

    private func take(_ path: String) async throws {
        let (report, isRunning) = try await AgentProgram.take(
            connectionFile: path, stateDirectory: state.path, isReplacing: replace)
        if report.isNew {
            print("Enrolled at \(report.server) as device \(report.device).")
        } else {
            print("This device stays \(report.device) and has the addresses of the file; first \(report.server).")
        }
        if !isRunning { print("Start the agent: \(start)") }
    }

    private var start: String {
        state.path == StateDirectory.standardPath ? "muster-agent run" : "muster-agent run --state-dir \(state.path)"
    }

    private func tokenText() throws -> String {
        if let token {
            Terminal.warn("--token shows the token to every user of this machine while this command runs: prefer --token-file")
            return token
        }
        return try TokenFile.read(tokenFile ?? "-")
    }
}
