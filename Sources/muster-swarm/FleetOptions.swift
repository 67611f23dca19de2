import ArgumentParser
import FoundationEssentials
import MusterSwarm
import MusterTrust

/// The devices of a run, and how they come.
struct FleetOptions: ParsableArguments {
    @Option(name: .customLong("token-file"), help: "The file with the enrolment token; not needed when all are enrolled.")
    var tokenFile: String?

    @Option(help: "How many.") var devices: Int

    @Option(name: .customLong("first-device"), help: "The number of the first: for several processes with fleets of their own.")
    var first = 0

    @Option(
        name: .customLong("sync-interval"), help: "Seconds between synchronizations of a device; default: as the server says.")
    var interval: Double?

    @Option(name: .customLong("state-dir"), help: "Keeps the enrolled devices there for the next run.") var stateDirectory:
        String?

    @Option(name: .customLong("enrolments-per-second"), help: "The server paces them too: 10 unless set otherwise there.")
    var enrolmentsPerSecond = 9.0

    @Option(name: .customLong("returns-per-second"), help: "First synchronizations of devices that are enrolled already.")
    var returnsPerSecond = 100.0

    @Flag(name: .customLong("other-lists"), help: "Kept devices report other lists than the last time: all are sent anew.")
    var reportsOtherLists = false

    @Option(help: "Another seed, other devices.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...1_000_000).contains(devices), (0...1_000_000).contains(first) else {
            throw ValidationError("--devices: 1 to 1000000; --first-device: 0 to 1000000")
        }
        let seconds = 0.001...1_000_000.0
        guard seconds.contains(interval ?? 1) else { throw ValidationError("--sync-interval: seconds, up to 1000000") }
        guard seconds.contains(enrolmentsPerSecond), seconds.contains(returnsPerSecond) else {
            throw ValidationError("rates: a second, up to 1000000")
        }
    }

    func options(duration: Double) -> RunOptions {
        var options = RunOptions(
            devices: devices, interval: interval.map { .seconds($0) }, eventsPerSecond: 0, duration: .seconds(duration),
            seed: seed)
        options.first = first
        options.enrolmentsPerSecond = enrolmentsPerSecond
        options.returnsPerSecond = returnsPerSecond
        options.reportsOtherLists = reportsOtherLists
        options.stateDirectory = stateDirectory
        return options
    }

    func token() throws -> EnrolmentTokenText? {
        guard let tokenFile else { return nil }
        guard let data = FileManager.default.contents(atPath: tokenFile), data.count < 4096 else {
            throw ValidationError("the token file \(tokenFile) cannot be read")
        }
        return try EnrolmentTokenText(
            String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
}
