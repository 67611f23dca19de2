import ArgumentParser
import Foundation
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

    @Option(
        name: .customLong("udp-port"),
        help: "The devices listen for connection requests there, all of them on one port: 1024 to 65535.")
    var udpPort: UInt16?

    @Option(
        help:
            "In so many processes, each with its share of the devices, a directory of its own in --state-dir and a UDP port of its own."
    )
    var processes = 1

    /// This is one of several processes: where its result goes.
    @Option(help: .hidden) var part: String?

    @Option(help: "Of how many packages each device has its choice, nine of ten; default: as the last time, at first 1050.")
    var packages: Int?

    @Flag(name: .customLong("services"), help: "The devices have systemd services, too, for policies to manage; from now on.")
    var hasServices = false

    @Option(help: "Another seed, other devices.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...1_000_000).contains(devices), (0...1_000_000).contains(first) else {
            throw ValidationError("--devices: 1 to 1000000; --first-device: 0 to 1000000")
        }
        guard (1...2000).contains(packages ?? 1) else { throw ValidationError("--packages: 1 to 2000") }
        guard (1024...65_535).contains(udpPort ?? 1024) else { throw ValidationError("--udp-port: 1024 to 65535") }
        guard Int(udpPort ?? 0) + processes <= 65_536 else { throw ValidationError("--udp-port: one for each process") }
        guard (1...64).contains(processes) else { throw ValidationError("--processes: 1 to 64") }
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
        options.udpPort = udpPort
        options.packages = packages
        options.hasServices = hasServices
        return options
    }

    /// Nil: all of it in this one.
    func otherProcesses(milestones: String...) -> SwarmProcesses? {
        guard processes > 1, part == nil else { return nil }
        return SwarmProcesses(
            shares: ProcessShare.shares(of: devices, first: first, processes: processes),
            arguments: Array(CommandLine.arguments.dropFirst()), milestones: milestones)
    }

    /// What a process with this share is started with.
    func arguments(for share: ProcessShare) -> [String] {
        var arguments = ["--devices", "\(share.devices)", "--first-device", "\(share.first)"]
        arguments += ["--enrolments-per-second", "\(max(0.001, enrolmentsPerSecond * share.fraction))"]
        arguments += ["--returns-per-second", "\(max(0.001, returnsPerSecond * share.fraction))"]
        if let stateDirectory { arguments += ["--state-dir", "\(stateDirectory)/process-\(share.position + 1)"] }
        if let udpPort { arguments += ["--udp-port", "\(udpPort + UInt16(share.position))"] }
        return arguments
    }

    /// Gives the result to the process that started this one. - Returns: false when none did.
    func handOver(_ result: some Encodable) throws -> Bool {
        guard let part else { return false }
        try JSONEncoder().encode(result).write(to: URL(filePath: part))
        return true
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
