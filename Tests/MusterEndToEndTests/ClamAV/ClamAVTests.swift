import Foundation
import Glibc
import MusterModel
import MusterTestKit
import Testing

@testable import MusterAgent

/// The connector for ClamAV with Debian's clamd and a database made here.
@Suite("ClamAV", .fewAtATime)
struct ClamAVTests {
    @Test func aClamdThatRunsHangsGoesOnAndStops() async throws {
        let clamd = try await RealClamd()
        var device = WatchedClamd(clamd)
        let first = try await device.look()
        #expect(first.state == .stopped)

        let running = try await clamd.start()
        #expect(try await device.becomes(.running).map(\.type).contains("protection-running"))
        let reading = try await device.look()
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        #expect(reading.statistics["threads-maximum"] == 4 && reading.statistics["queue"] == 0, "\(reading.statistics)")
        #expect(reading.statistics["signatures"] == 1)
        #expect(try await clamd.connector.discover().first?.isNumber == true)

        running.signal(SIGSTOP)
        #expect(try await device.becomes(.failed).compactMap { $0.parameters["reason"] } == [.text("silent")])
        running.signal(SIGCONT)
        #expect(try await device.becomes(.running).map(\.type) == ["protection-running"])
        try await running.terminate()
        #expect(try await device.becomes(.stopped).compactMap { $0.parameters["reason"] } == [.text("stopped")])
    }

    @Test func whatItFindsIsToldUntilItIsGone() async throws {
        let clamd = try await RealClamd()
        let running = try await clamd.start()
        var device = WatchedClamd(clamd)
        _ = try await device.look()
        let evil = clamd.files.file("files/evil")
        #expect(await clamd.scan("files") == "\(evil): \(RealClamd.signature).UNOFFICIAL FOUND")
        let (events, found) = try await device.tells(threats: 1)
        #expect(events.map(\.type) == ["threat-found"])
        #expect(events.first?.severity == .critical)
        #expect(
            events.first?.parameters == [
                "file": .text(evil), "signature": .text("\(RealClamd.signature).UNOFFICIAL"), "action": .text("none"),
            ])
        #expect(found.problems == [ApplicationProblem(code: "threat-found", subject: evil)])
        // Once more, as whoever opens it again, and another.
        try clamd.write(RealClamd.eicar, to: "files/other")
        for name in ["evil", "other"] { _ = await clamd.scan("files/\(name)") }
        #expect(
            try await device.tells(threats: 1).events.map { $0.parameters["file"] } == [.text(clamd.files.file("files/other"))])
        unlink(clamd.files.file("files/other"))
        #expect(try await device.look().events.map(\.type) == ["threat-gone"])
        unlink(evil)
        let gone = try await device.look()
        #expect(gone.events.map(\.type) == ["threat-gone"] && gone.problems.isEmpty)
        try await running.terminate()
    }

    @Test func aNameThatLooksLikeALineOfTheLogIsAName() async throws {
        let clamd = try await RealClamd()
        let running = try await clamd.start()
        var device = WatchedClamd(clamd)
        _ = try await device.look()
        let name = "files/x: Other FOUND\nnew\u{1b}[2J"
        try clamd.write(RealClamd.eicar, to: name)
        for file in ["files/evil", name] { #expect(await clamd.scan(file).hasSuffix("FOUND")) }
        let (events, found) = try await device.tells(threats: 2)
        let files = Set(events.compactMap { $0.parameters["file"] })
        #expect(
            files == [.text(clamd.files.file("files/evil")), .text(clamd.files.file("files/x: Other FOUND\\u{a}new\\u{1b}[2J"))])
        #expect(found.problems.count == 2)
        try await running.terminate()
    }

    /// Both it and clamd write down what was found. Where the kernel lets nobody watch, as in a container, there is nothing to try.
    @Test(.needsRoot) func whatIsFoundAsItIsOpenedIsToldOnce() async throws {
        let clamd = try await RealClamd()
        try clamd.write(
            clamd.text(of: "etc/clamav/clamd.conf")
                + "OnAccessIncludePath \(clamd.files.file("files"))\nOnAccessExcludeUname nobody\n", to: "etc/clamav/clamd.conf")
        let running = try await clamd.start()
        var device = WatchedClamd(clamd)
        _ = try await device.look()
        let arguments = [
            "--foreground", "--fdpass", "--config-file=\(clamd.files.file("etc/clamav/clamd.conf"))",
            "--log=\(clamd.files.file("var/log/clamav/clamonacc.log"))",
        ]
        let watching = try RunningProgram(
            ProgramPath.ofSystem("clamonacc"), arguments, log: clamd.files.file("clamonacc"))
        try await eventually("clamonacc watches, or may not", state: { watching.log }) {
            watching.log.contains("watching '") || !watching.isRunning
        }
        guard watching.isRunning else {
            print("clamonacc may not watch here: \(watching.log)")
            return
        }
        try await eventually("clamonacc writes it down") {
            _ = clamd.text(of: "files/evil")
            return clamd.text(of: "var/log/clamav/clamonacc.log").contains("/files/evil: ")
        }
        #expect(
            try await device.tells(threats: 1).events.map { $0.parameters["file"] } == [.text(clamd.files.file("files/evil"))])
        #expect(try await device.look().events.isEmpty)
        try await watching.kill()
        try await running.terminate()
    }

    @Test func settingsAreTakenByClamd() async throws {
        let clamd = try await RealClamd()
        let settings: [String: ManagedValue] = [
            ClamAVKey.maximumThreads: .number(3), ClamAVKey.exclusions: .list([clamd.files.file("files/left out (a.b)")]),
            ClamAVKey.maximumFileSize: .number(50), ClamAVKey.detectPUA: .onOff(true),
            ClamAVKey.onAccessPaths: .list(["/home/a b"]),
            ClamAVKey.databaseURLs: .list(["file://\(clamd.files.file("own.hdb"))"]), ClamAVKey.updateChecks: .number(4),
        ]
        try await clamd.connector.apply(settings)
        let inForce = try await clamd.connector.settingsInForce()
        for (key, value) in settings { #expect(inForce[key] == value, "\(key)") }
        #expect(clamd.text(of: "etc/clamav/clamd.conf").hasPrefix("# A clamd of a test.\n"))

        try FileManager.default.createDirectory(
            atPath: clamd.files.file("files/left out (a.b)"), withIntermediateDirectories: false)
        try clamd.write(RealClamd.eicar, to: "files/left out (a.b)/evil")
        let running = try await clamd.start()
        let leftOut = "files/left out (a.b)/evil"
        #expect(await clamd.scan(leftOut) == "\(clamd.files.file(leftOut)): Excluded")
        #expect(await clamd.scan("files/evil") == "\(clamd.files.file("files/evil")): \(RealClamd.signature).UNOFFICIAL FOUND")
        var device = WatchedClamd(clamd)
        #expect(try await device.look().statistics["threads-maximum"] == 3)
        try await running.terminate()
    }
}

/// The tasks of ClamAV with Debian's clamd and freshclam.
@Suite("Tasks of ClamAV", .fewAtATime)
struct ClamAVTaskTests {
    @Test func aScanTakesThreatsAwayAndTellsTheConnector() async throws {
        let clamd = try await RealClamd()
        let running = try await clamd.start()
        var device = WatchedClamd(clamd)
        _ = try await device.look()
        try clamd.write("clean", to: "files/clean")
        // clamd's user could not read it: it is handed over open.
        chmod(clamd.files.file("files/evil"), 0)
        let scan = try clamd.task(
            "scan", [ClamScanKey.paths: .list([clamd.files.file("files")]), ClamScanKey.action: .text("quarantine")])
        let hearing = TaskHearing()
        let conclusion = await ScanWork().run(scan, in: hearing.context(clamd))
        #expect(conclusion.hasSucceeded, "\(conclusion)")
        #expect(conclusion.figures == ["filesScanned": 2, "filesFailed": 0, "threatsFound": 1, "threatsDealtWith": 1])
        #expect(!FileManager.default.fileExists(atPath: clamd.files.file("files/evil")))
        let (events, found) = try await device.tells(threats: 1)
        #expect(events.map { $0.parameters["action"] } == [.text("quarantined")])
        #expect(clamd.text(of: "log/clamd.log").contains("/files/evil: \(RealClamd.signature).UNOFFICIAL"))
        #expect(try await device.look().events.isEmpty, "clamd's own line of it is not told again")
        #expect(found.problems.isEmpty && found.statistics["files-scanned"] == 2)
        #expect(hearing.events.map(\.type) == ["scan-finished"])
        try await running.terminate()
    }

    @Test func newDatabasesAreLoadedByClamd() async throws {
        let clamd = try await RealClamd()
        let running = try await clamd.start()
        var device = WatchedClamd(clamd)
        _ = try await device.look()
        try clamd.write("\(String(repeating: "0", count: 32)):1:Own.Test\n", to: "own.hdb")
        let user = geteuid() == 0 ? "DatabaseOwner root\n" : ""
        try clamd.write(
            """
            DatabaseDirectory \(clamd.files.file("db"))
            ExcludeDatabase main
            ExcludeDatabase daily
            ExcludeDatabase bytecode
            DatabaseMirror localhost
            DatabaseCustomURL file://\(clamd.files.file("own.hdb"))
            \(user)
            """, to: "etc/clamav/freshclam.conf")
        let hearing = TaskHearing()
        let update = try clamd.task("update-databases", [:])
        let conclusion = await UpdateDatabasesWork().run(update, in: hearing.context(clamd))
        #expect(conclusion == .succeeded(exitCode: 0), "\(conclusion) \(hearing.output)")
        #expect(hearing.output.contains("own.hdb updated"), "\(hearing.output)")
        for _ in 0..<100 {
            if try await device.look().statistics["signatures"] == 2 { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await device.look().statistics["signatures"] == 2)

        unlink(clamd.files.file("own.hdb"))
        let failed = await UpdateDatabasesWork().run(update, in: hearing.context(clamd))
        #expect(failed.code == "updateFailed" && failed.text.contains("update"), "\(failed)")
        try await running.terminate()
    }
}
