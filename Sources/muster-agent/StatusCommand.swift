import ArgumentParser
import FoundationEssentials
import MusterAgent

/// `muster-agent status`: asks the running agent; without one reads the state directory and says so.
struct StatusCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the server, the last and next synchronization, and what is wrong.")

    @OptionGroup var state: StateOptions

    @Option(help: "How to print it.")
    var output = Output.table

    func run() async throws {
        let report = try await report()
        switch output {
        case .table: print(StatusTable(report).text)
        case .json: print(try Self.json(report))
        }
    }

    private func report() async throws(AgentError) -> StatusReport {
        do {
            return try await ControlClient(stateDirectory: state.path).status()
        } catch  where error.code == .notRunning {
            return try stored()
        }
    }

    /// Holds the lock for as long as the database is open: some milliseconds, which a starting agent waits for.
    private func stored() throws(AgentError) -> StatusReport {
        let directory = try StateDirectory(state.path)
        let lock: StateLock
        do {
            lock = try StateLock(directory)
        } catch  where error.code == .alreadyRunning {
            throw AgentError(
                .alreadyRunning, "\(error.reason), and does not answer: it is starting, stopping or stuck. Try again")
        }
        defer { withExtendedLifetime(lock) {} }
        let database = try AgentDatabase(directory, mode: .existing)
        return try StatusReport.make(state: AgentState(database), spool: Spool(database), running: false)
    }

    private static func json(_ report: StatusReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
