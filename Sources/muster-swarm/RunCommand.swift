import ArgumentParser
import MusterSwarm

/// `muster-swarm run`: enrols the devices, lets all synchronize, measures.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a fleet for some time and measure.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var fleet: FleetOptions

    @Option(name: .customLong("events-per-second"), help: "Of all devices together.") var eventsPerSecond = 0.0

    @Option(name: .customLong("events-at-once"), help: "How many each time, on one device.") var eventsAtOnce = 1

    @Option(
        name: .customLong("notice-port"),
        help: "At the end the devices lose their power: all send a shutdown notice to this UDP port of the server.")
    var noticePort: UInt16?

    @Option(help: "Seconds to measure, after all are enrolled and have synchronized.") var duration: Double

    func validate() throws {
        guard (0.001...1_000_000).contains(duration) else { throw ValidationError("--duration: seconds, up to 1000000") }
        guard (1...1000).contains(eventsAtOnce) else { throw ValidationError("--events-at-once: 1 to 1000") }
        guard (0...1_000_000).contains(eventsPerSecond) else { throw ValidationError("rates: a second, up to 1000000") }
    }

    func run() async throws {
        FileLimit.raise()
        var options = fleet.options(duration: duration)
        options.eventsPerSecond = eventsPerSecond
        options.eventsAtOnce = eventsAtOnce
        options.noticePort = noticePort
        let result = try await result(options)
        if try fleet.handOver(result) { return }
        let report = RunReport(result)
        try Terminal.finish(
            connection.output == .json ? ReportText.json(report) : report.table, valid: report.valid, problems: report.problems)
    }

    private func result(_ options: RunOptions) async throws -> RunResult {
        if let processes = fleet.otherProcesses(milestones: Swarm.measuring) {
            let (fleet, events) = (fleet, eventsPerSecond)
            return try await Interruptible.run {
                try await processes.run(RunResult.self) { share in
                    fleet.arguments(for: share) + ["--events-per-second", "\(events * share.fraction)"]
                }
            }
        }
        let swarm = Swarm(
            connector: try connection.connector(devices: fleet.devices), token: try fleet.token(), options: options,
            say: Terminal.remark)
        return try await Interruptible.run { try await swarm.run() }
    }
}
