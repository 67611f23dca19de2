import ArgumentParser
import MusterSwarm

/// `muster-swarm restart`: follows a restart of the server, which somebody else makes.
struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Measure how a fleet of permanent connections comes back after a restart of the server.",
        discussion: """
            All devices must be ticked 'Do not disconnect', as those enrolled by an installation package with that setting are. When all \
            are connected it says so on stderr; stop the server then and start it on the same port. Time counts from the moment the \
            server's ready file is written.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var fleet: FleetOptions

    @Option(name: .customLong("ready-file"), help: "What the server was started with as --ready-file.") var readyFile: String

    @Option(help: "Seconds that the restart may take to begin, and then the return of all.") var patience = 300.0

    func validate() throws {
        guard (1...86400).contains(patience) else { throw ValidationError("--patience: seconds, 1 to 86400") }
    }

    func run() async throws {
        FileLimit.raise()
        let result = try await result()
        if try fleet.handOver(result) { return }
        let report = RestartReport(result)
        try Terminal.finish(
            connection.output == .json ? ReportText.json(report) : report.table, valid: report.valid, problems: report.problems)
    }

    private func result() async throws -> RestartResult {
        if let processes = fleet.otherProcesses(milestones: RestartRun.invitation) {
            let fleet = fleet
            return try await Interruptible.run {
                try await processes.run(RestartResult.self) { fleet.arguments(for: $0) }
            }
        }
        let run = RestartRun(
            connector: try connection.connector(devices: fleet.devices), token: try fleet.token(),
            options: fleet.options(duration: 0), readyFile: readyFile, patience: .seconds(patience), say: Terminal.remark)
        return try await Interruptible.run { try await run.run() }
    }
}
