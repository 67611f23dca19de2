import ArgumentParser
import FoundationEssentials
import Glibc
import MusterModel
import MusterSwarm
import MusterTrust

/// `muster-swarm run`: enrols the devices, lets all synchronize, measures.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a fleet for some time and measure.")

    @OptionGroup var connection: ConnectionOptions

    @Option(name: .customLong("token-file"), help: "The file with the enrolment token; not needed when all are enrolled.")
    var tokenFile: String?

    @Option(help: "How many.") var devices: Int

    @Option(
        name: .customLong("sync-interval"), help: "Seconds between synchronizations of a device; default: as the server says.")
    var interval: Double?

    @Option(name: .customLong("events-per-second"), help: "Of all devices together.") var eventsPerSecond = 0.0

    @Option(name: .customLong("events-at-once"), help: "How many each time, on one device.") var eventsAtOnce = 1

    @Option(help: "Seconds to measure, after all are enrolled and have synchronized.") var duration: Double

    @Option(name: .customLong("state-dir"), help: "Keeps the enrolled devices there for the next run.") var stateDirectory:
        String?

    @Option(name: .customLong("enrolments-per-second"), help: "The server paces them too: 10 unless set otherwise there.")
    var enrolmentsPerSecond = 9.0

    @Option(name: .customLong("returns-per-second"), help: "First synchronizations of devices that are enrolled already.")
    var returnsPerSecond = 100.0

    @Option(help: "Another seed, other devices.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...1_000_000).contains(devices) else { throw ValidationError("--devices: 1 to 1000000") }
        let seconds = 0.001...1_000_000.0
        guard seconds.contains(interval ?? 1), seconds.contains(duration) else {
            throw ValidationError("--sync-interval and --duration: seconds, up to 1000000")
        }
        guard (1...1000).contains(eventsAtOnce) else { throw ValidationError("--events-at-once: 1 to 1000") }
        guard (0...1_000_000).contains(eventsPerSecond), seconds.contains(enrolmentsPerSecond), seconds.contains(returnsPerSecond)
        else { throw ValidationError("rates: a second, up to 1000000") }
    }

    func run() async throws {
        FileLimit.raise()
        var options = RunOptions(
            devices: devices, interval: interval.map { .seconds($0) }, eventsPerSecond: eventsPerSecond,
            duration: .seconds(duration), seed: seed)
        options.eventsAtOnce = eventsAtOnce
        options.enrolmentsPerSecond = enrolmentsPerSecond
        options.returnsPerSecond = returnsPerSecond
        options.stateDirectory = stateDirectory
        let swarm = Swarm(
            connector: try connection.connector(devices: devices), token: try token(), options: options, say: Terminal.remark)
        let report = RunReport(try await Interruptible.run { try await swarm.run() })
        try Terminal.finish(
            connection.output == .json ? ReportText.json(report) : report.table, valid: report.valid, problems: report.problems)
    }

    private func token() throws -> EnrolmentTokenText? {
        guard let tokenFile else { return nil }
        guard let data = FileManager.default.contents(atPath: tokenFile), data.count < 4096 else {
            throw ValidationError("the token file \(tokenFile) cannot be read")
        }
        return try EnrolmentTokenText(
            String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
}
