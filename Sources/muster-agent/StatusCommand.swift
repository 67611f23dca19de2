import ArgumentParser
import FoundationEssentials
import MusterAgent
import MusterModel

/// `muster-agent status`: asks the running agent; without one reads the state directory and says so.
struct StatusCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the server, the last and next synchronization, and what is wrong.")

    @OptionGroup var state: StateOptions
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "How to print it.")
    var output = Output.table

    @Flag(help: "How it stands, in one line.")
    var brief = false

    @Option(
        help: ArgumentHelp(
            "With --brief: wait at most this long until the agent has synchronized or failed to, as 20s.", valueName: "duration"),
        transform: Self.duration)
    var wait: Duration?

    func validate() throws {
        if brief, output == .json {
            throw ValidationError("--brief prints one line of text: leave it out with --output json")
        }
        if wait != nil, !brief { throw ValidationError("--wait goes with --brief") }
    }

    func run() async throws {
        if brief { return print(BriefStatus(try await settled()).text) }
        let report = try await report()
        switch output {
        case .table: print(StatusTable(report).text)
        case .json: print(try Self.json(report))
        }
    }

    /// An agent that is starting has no socket yet: asked again until the time is over.
    private func settled() async throws -> StatusReport {
        let deadline = ContinuousClock.now + (wait ?? .zero)
        var first: StatusReport?
        while ContinuousClock.now < deadline {
            if let report = try? await report() {
                if BriefStatus.isSettled(report, after: first ?? report) { return report }
                if first == nil { first = report }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
        return try await report()
    }

    @Sendable private static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text), duration <= .hours(1) else {
            throw ValidationError("'\(text)' is no duration up to 1h, as 20s")
        }
        return duration
    }

    /// The agent says it from memory and a few reads: one that takes longer than this is stuck.
    private static let patience = Duration.seconds(10)

    private func report() async throws(AgentError) -> StatusReport {
        do {
            return try await ControlClient(stateDirectory: state.path, timeout: Self.patience).status()
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
        var report = try StatusReport.make(state: AgentState(database), spool: Spool(database), running: false)
        report.ceiling = CeilingReport(CeilingFile(directory: configuration.path).read())
        return report
    }

    private static func json(_ report: StatusReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
