import ArgumentParser
import Logging
import MusterAgent

/// `muster-agent run`: the agent itself, in the foreground, until SIGTERM or SIGINT.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the agent; logs to stderr.")

    @OptionGroup var state: StateOptions

    @Option(
        help: ArgumentHelp("What to log: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "level"),
        transform: Self.level)
    var logLevel: Logger.Level = .info

    func run() async throws {
        LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        var logger = Logger(label: "muster-agent")
        logger.logLevel = logLevel
        try await AgentProgram.run(stateDirectory: state.path, logger: logger)
    }

    @Sendable private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("'\(text)' is no log level: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return level
    }
}
