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
        let found = try await device.look()
        #expect(found.events.map(\.type) == ["threat-found"])
        #expect(found.events.first?.severity == .critical)
        #expect(
            found.events.first?.parameters == [
                "file": .text(evil), "signature": .text("\(RealClamd.signature).UNOFFICIAL"), "action": .text("none"),
            ])
        #expect(found.problems == [ApplicationProblem(code: "threat-found", subject: evil)])
        // Once more, as whoever opens it again.
        _ = await clamd.scan("files")
        #expect(try await device.look().events.isEmpty)
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
        let found = try await device.look()
        let files = Set(found.events.compactMap { $0.parameters["file"] })
        #expect(
            files == [.text(clamd.files.file("files/evil")), .text(clamd.files.file("files/x: Other FOUND\\u{a}new\\u{1b}[2J"))])
        #expect(found.problems.count == 2)
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
