import ArgumentParser
import Logging
import MusterServer

@main
struct MusterServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster-server", abstract: "The Administration Server of Muster.", version: ServerProgram.version,
        subcommands: [InitCommand.self, RunCommand.self, AdminTokenCommand.self])
}

struct DataDirectoryOption: ParsableArguments {
    @Option(name: .customLong("data-dir"), help: "Keys, certificates and the embedded database.")
    var path = "/var/lib/muster-server"
}

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make keys, certificates, the database and the first API token.")

    @OptionGroup var directory: DataDirectoryOption

    @Option(
        name: .customLong("external-address"), help: "A name or address agents and browsers reach this server by; repeatable.")
    var externalAddresses: [String] = []

    @Option(help: "postgresql://… instead of the embedded database.")
    var database: String?

    func run() async throws {
        let directory = DataDirectory(directory.path)
        try await ServerInitialization.run(
            directory: directory, externalAddresses: externalAddresses, database: database, logger: .standard(.warning))
        print(
            """
            Set up in \(directory.path).
            First API token (90 days):  \(directory.adminToken)
            The API's key fingerprint:  \(directory.apiPin)
            Reserve server key:         \(directory.reserveKey)
              Devices trust it besides the active key. Move it to another place now: it is for the day the active key is lost.
            Start it:                   muster-server run --data-dir \(directory.path)
            """)
    }
}

struct AdminTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin-token",
        abstract: "Make another administrator's API token, when all have expired. The server must be stopped.")

    @OptionGroup var directory: DataDirectoryOption
    @Option(
        help: ArgumentHelp(
            "For how many devices an hour it may order what runs programs, installs or removes: a number, or unlimited.",
            valueName: "devices"))
    var reach: String?

    func validate() throws {
        guard reach.map(AdministratorToken.isReach) ?? true else {
            throw ValidationError("--reach is a number of devices an hour, 0 to 1000000, or unlimited.")
        }
    }

    func run() async throws {
        let directory = DataDirectory(directory.path)
        try await AdministratorToken.makeAnother(
            in: directory, reach: reach, logger: .standard(.warning))
        print(
            """
            An administrator's API token (90 days):  \(directory.adminToken)
            Others that are good stay so: 'muster api-tokens list' shows them, 'muster api-tokens revoke ID' ends one.
            """)
    }
}

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Serve agents, the API and the CLI.")

    @OptionGroup var directory: DataDirectoryOption
    @Option(help: "A JSON file of settings.") var config: String?
    @Option(help: "The address to listen on.") var listen: String?
    @Option(name: .customLong("agent-port"), help: "TCP, for agents (13000).") var agentPort: Int?
    @Option(name: .customLong("udp-port"), help: "UDP, for shutdown notices (13000).") var udpPort: Int?
    @Option(name: .customLong("https-port"), help: "TCP, for the API (13299).") var httpsPort: Int?
    @Option(name: .customLong("ready-file"), help: "Written with the ports, as JSON, when it serves.") var readyFile: String?
    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.") var logLevel = "info"

    func run() async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError("--log-level \(logLevel): trace, debug, info, notice, warning, error or critical is allowed")
        }
        var options = ServerOptions()
        if let config { try options.read(file: config) }
        if let listen { options.listen = listen }
        if let agentPort { options.agentPort = agentPort }
        if let udpPort { options.udpPort = udpPort }
        if let httpsPort { options.httpsPort = httpsPort }
        let program = ServerProgram(
            directory: DataDirectory(directory.path), options: options, readyFile: readyFile, logger: .standard(level))
        try await program.run()
    }
}

extension Logger {
    static func standard(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "muster-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
