import Foundation
import Glibc
import MusterModel
import MusterTestKit

@testable import MusterAgent

/// Debian's clamd with a configuration, a socket and a database of its own, and a connector that finds it where it would find the device's.
final class RealClamd: Sendable {
    static let signature = "Test.Eicar"
    /// What every virus scanner is tried with, in two parts, so that none finds it here.
    static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-"# + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

    let files: TemporaryDirectory
    let connector: ClamAVConnector
    private let clamd: String

    /// It does not run yet.
    init() async throws {
        files = try TemporaryDirectory()
        clamd = try ProgramPath.ofSystem("clamd")
        let path = files.path
        for folder in ["etc/clamav", "db", "log", "files", "muster", "var/lib", "var/log/clamav"] {
            try FileManager.default.createDirectory(atPath: files.file(folder), withIntermediateDirectories: true)
        }
        connector = ClamAVConnector(
            directory: files.file("muster"), program: SystemProgram(), root: RootPath(path), patience: .zero)
        try write(Self.eicar, to: "files/evil")
        let sum = try await runProgram(ProgramPath.ofSystem("sigtool"), ["--md5", files.file("files/evil")]).succeeded().output
        let hash = sum.split(separator: ":").prefix(2).joined(separator: ":")
        try write("\(hash):\(Self.signature)\n", to: "db/test.hdb")
        let user = geteuid() == 0 ? "User root\n" : ""
        try write(
            """
            # A clamd of a test.
            LocalSocket \(path)/clamd.ctl
            DatabaseDirectory \(path)/db
            LogFile \(path)/log/clamd.log
            LogTime yes
            ExtendedDetectionInfo yes
            Foreground yes
            MaxThreads 4
            \(user)
            """, to: "etc/clamav/clamd.conf")
        try write("DatabaseDirectory \(path)/db\n", to: "etc/clamav/freshclam.conf")
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: files.file(name), atomically: false, encoding: .utf8)
    }

    func text(of name: String) -> String { RunningProgram.text(of: files.file(name)) }

    var client: ClamdClient { ClamdClient(path: files.file("clamd.ctl")) }

    func start() async throws -> RunningProgram {
        let running = try RunningProgram(
            clamd, ["--config-file=\(files.file("etc/clamav/clamd.conf"))"], log: files.file("output"))
        try await eventually("clamd answers", state: { running.log }) {
            await client.ask("PING", within: .seconds(60)) == .text("PONG")
        }
        return running
    }

    /// As clamonacc and clamdscan have files scanned.
    func scan(_ name: String) async -> String {
        guard case .text(let answer) = await client.ask("CONTSCAN \(files.file(name))", within: .seconds(60)) else { return "" }
        return answer
    }
}

/// A device with that clamd, looked at as its agent does: from one reading to the next only what is kept is known.
struct WatchedClamd {
    let clamd: RealClamd
    private(set) var report: ApplicationReport?
    private var memory: [UInt8]?

    init(_ clamd: RealClamd) { self.clamd = clamd }

    mutating func look() async throws -> ConnectorReading {
        let reading = try await clamd.connector.look(after: report, remembering: memory, now: .now())
        report = ApplicationReport(
            application: .clamAV, state: reading.state, problems: reading.problems, facts: reading.facts)
        memory = reading.memory ?? memory
        return reading
    }

    /// Looks until so many threats were told: clamd answers before it writes its log. - Returns: the events on the way, and the last reading.
    mutating func tells(threats: Int) async throws -> (events: [DeviceEvent], last: ConnectorReading) {
        var events: [DeviceEvent] = []
        for _ in 0..<100 {
            let reading = try await look()
            events += reading.events
            if events.count(where: { $0.type == "threat-found" }) >= threats { return (events, reading) }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw FixtureError(description: "not \(threats) threats: \(events), \(clamd.text(of: "log/clamd.log").suffix(2000))")
    }

    /// Looks until it is in that state. - Returns: all events on the way.
    mutating func becomes(_ state: ApplicationState) async throws -> [DeviceEvent] {
        var events: [DeviceEvent] = []
        for _ in 0..<60 {
            let reading = try await look()
            events += reading.events
            if reading.state == state { return events }
            try await Task.sleep(for: .milliseconds(500))
        }
        throw FixtureError(description: "clamd is not \(state): \(String(describing: report))")
    }
}
