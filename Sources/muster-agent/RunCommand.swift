import ArgumentParser
import Logging
import MusterAgent

/// `muster-agent run`: the agent itself, in the foreground, until SIGTERM or SIGINT.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the agent; logs to stderr.")

    /// EX_CONFIG: what starts the agent need not start it again before a person has done something.
    private static let notEnrolled: Int32 = 78

    @OptionGroup var state: StateOptions

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: ArgumentHelp("Where connectors of others are.", valueName: "dir"))
    var connectorDir = AgentConfiguration.standardConnectors

    @Option(
        help: ArgumentHelp("What to log: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "level"),
        transform: Self.level)
    var logLevel: Logger.Level = .info

    func run() async throws {
        LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        var logger = Logger(label: "muster-agent")
        logger.logLevel = logLevel
        do {
            try await AgentProgram.run(
                stateDirectory: state.path,
                configuration: AgentConfiguration(directory: configuration.path, connectors: connectorDir), logger: logger)
        } catch { throw Self.ending(error) }
    }

    private static func ending(_ error: AgentError) -> any Error {
        guard error.code == .notEnrolled || error.code == .connectionFileInvalid else { return error }
        Terminal.error("\(error)")
        return ExitCode(notEnrolled)
    }

    @Sendable private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("'\(text)' is no log level: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return level
    }
}
