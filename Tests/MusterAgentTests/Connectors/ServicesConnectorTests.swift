import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("States of units")
struct UnitWatchTests {
    private func listing(_ units: [(name: String, active: String, result: String)]) -> UnitListing {
        UnitListing(
            units.map {
                "Names=\($0.name)\nLoadState=loaded\nActiveState=\($0.active)\nResult=\($0.result)\nNRestarts=2\nMemoryCurrent=[not set]"
            }.joined(separator: "\n\n"))
    }

    @Test func whatSystemdSays() {
        let listing = UnitListing(
            """
            LoadState=loaded
            Names=ssh.service sshd.service
            ActiveState=active
            Result=success
            NRestarts=3
            MemoryCurrent=1200128

            Names=x.timer
            LoadState=not-found
            ActiveState=inactive
            MemoryCurrent=18446744073709551615
            """)
        #expect(listing["sshd.service"] == listing["ssh.service"])
        #expect(listing["ssh.service"]?.memory == 1_200_128 && listing["ssh.service"]?.restarts == 3)
        #expect(listing["x.timer"]?.load == "not-found" && listing["x.timer"]?.memory == nil)
        #expect(listing["other.service"] == nil)
    }

    /// As a transcript: what systemd says, what it means, what is raised. Each time as after a restart: only the report is remembered.
    @Test func aUnitThatFailsAndRecovers() {
        let story: [(active: String, fact: String, event: String?)] = [
            ("active", "active", nil), ("failed", "failed", EventType.unitFailed), ("failed", "failed", nil),
            ("activating", "failed", nil), ("failed", "failed", nil), ("active", "active", EventType.unitRecovered),
            ("deactivating", "active", nil), ("inactive", "inactive", nil), ("failed", "failed", EventType.unitFailed),
            // A service that ends by itself did so well, or its failure was forgotten.
            ("inactive", "inactive", EventType.unitRecovered), ("reloading", "active", nil),
        ]
        var report: ApplicationReport?
        for (number, step) in story.enumerated() {
            let result = step.active == "failed" ? "exit-code" : "success"
            let watch = UnitWatch(["a.service"], listing([("a.service", step.active, result)]), after: report, now: noon)
            #expect(watch.facts == [ApplicationFact(name: "unit/a.service", text: step.fact)], "step \(number)")
            #expect(watch.events.map(\.type) == [step.event].compactMap(\.self), "step \(number)")
            #expect(watch.state == (step.fact == "failed" ? .failed : .running))
            report = ApplicationReport(application: .services, state: watch.state, problems: watch.problems, facts: watch.facts)
        }
    }

    @Test func aFailureSaysHow() {
        let watch = UnitWatch(["a.service"], listing([("a.service", "failed", "signal")]), after: nil, now: noon)
        #expect(watch.events.first?.parameters == ["unit": .text("a.service"), "result": .text("signal")])
        #expect(watch.events.first?.severity == .error)
        #expect(watch.problems == [ApplicationProblem(code: "unit-failed", subject: "a.service")])
    }

    @Test func whatIsNotWatchedAnyMoreDoesNotRecover() {
        let before = ApplicationReport(
            application: .services, state: .failed, problems: [ApplicationProblem(code: "unit-failed", subject: "a.service")],
            facts: [ApplicationFact(name: "unit/a.service", text: "failed")])
        let watch = UnitWatch(["b.service"], listing([("b.service", "active", "success")]), after: before, now: noon)
        #expect(watch.events.isEmpty && watch.problems.isEmpty)
    }

    @Test func whatSystemdSaysNothingOfStaysAsItWas() {
        let before = ApplicationReport(
            application: .services, state: .failed, facts: [ApplicationFact(name: "unit/a.service", text: "failed")])
        let watch = UnitWatch(["a.service", "t@.service"], UnitListing(""), after: before, now: noon)
        #expect(watch.facts.map(\.text) == ["failed", "not-found"] && watch.events.isEmpty)
    }

    @Test func namesThatDoNotFitHaveNoStatistics() {
        let long = String(repeating: "x", count: 60) + ".service"
        let watch = UnitWatch(
            [long, "user@1000.service"],
            listing([(long, "active", "success"), ("user@1000.service", "active", "success")]), after: nil, now: noon)
        #expect(watch.statistics == ["restarts/user@1000.service": 2])
    }
}

/// The connector with a systemctl that a test wrote.
@Suite("The connector for services")
struct ServicesConnectorTests {
    private let device: TemporaryDirectory
    private let programs: FakePrograms
    private let connector: ServicesConnector

    init() throws {
        device = try TemporaryDirectory()
        programs = try FakePrograms()
        connector = ServicesConnector(
            directory: device.path + "/etc/muster", program: programs.system, root: RootPath(device.path))
        try device.write("run/systemd/system/x", "")
        try device.write("etc/muster/services.conf", "watched = a.service b.service\nperiod = 20s\n")
    }

    /// - Parameter states: of the units, in the order of the arguments that are asked for.
    private func systemctl(_ answer: String, status: Int = 0) throws {
        try programs.write("answer", answer)
        try programs.add("systemctl", "echo \"$@\" >> \(programs.file("calls")); cat \(programs.file("answer")); exit \(status)")
    }

    @Test func oneCallForAllUnits() async throws {
        try systemctl(
            "Names=a.service\nLoadState=loaded\nActiveState=failed\nResult=exit-code\n\nNames=b.service\nActiveState=active\nNRestarts=1\n"
        )
        let reading = try await connector.look(after: nil, now: noon)
        #expect(reading.state == .failed && reading.events.map(\.type) == [EventType.unitFailed])
        #expect(reading.statistics == ["restarts/b.service": 1])
        let calls = try String(contentsOf: URL(filePath: programs.file("calls")), encoding: .utf8)
        #expect(
            calls
                == "show --no-pager --property=Names,LoadState,ActiveState,Result,NRestarts,MemoryCurrent -- a.service b.service\n"
        )
        #expect(connector.watch.period == .seconds(20))
    }

    @Test func withoutSystemdItIsNotInstalled() async throws {
        try device.remove("run/systemd")
        try systemctl("")
        #expect(try await connector.look(after: nil, now: noon).state == .notInstalled)
        #expect(try await connector.discover() == "")
    }

    @Test func itsVersionIsSystemds() async throws {
        try systemctl("Version=252.39-1~deb12u1")
        #expect(try await connector.discover() == "252.39-1~deb12u1")
    }

    @Test func aSystemdThatDoesNotAnswer() async throws {
        try systemctl("", status: 1)
        await #expect(throws: ConnectorError.self) { try await connector.look(after: nil, now: noon) }
        await #expect(throws: ConnectorError.self, "its version is what it was") { try await connector.discover() }
    }

    @Test func policyWritesTheFileAndTheOwnersEditsAreSeen() async throws {
        try await connector.apply([ServicesKey.watched: .list(["c.service"])])
        #expect(
            try await connector.settingsInForce() == [
                ServicesKey.watched: .list(["c.service"]), ServicesKey.period: .duration(.seconds(20)),
            ])
        try device.replace("etc/muster/services.conf", "# gone\n")
        #expect(try await connector.settingsInForce() == [ServicesKey.watched: .list([]), ServicesKey.period: fifteen])
        #expect(connector.watch.period == nil)
    }

    @Test func aDamagedFileLeavesWhatWasInForceAndSaysSo() async throws {
        try systemctl("Names=a.service\nActiveState=active\n\nNames=b.service\nActiveState=active\n")
        _ = try await connector.look(after: nil, now: noon)
        try device.replace("etc/muster/services.conf", "watched a.service\n")
        let reading = try await connector.look(after: nil, now: noon)
        #expect(
            reading.problems == [ApplicationProblem(code: "file-damaged", subject: device.path + "/etc/muster/services.conf")])
        #expect(reading.facts.count == 2)
        await #expect(throws: ConnectorError.self) { try await connector.apply([ServicesKey.period: thirty]) }
    }

    @Test func aPeriodThatTheFileCannotSayIsRefused() async throws {
        await #expect(throws: ConnectorError.self) {
            try await connector.apply([ServicesKey.period: .duration(.milliseconds(7500))])
        }
    }

    @Test func itsDirectoryIsWatchedAlsoBeforeItIsThere() throws {
        #expect(connector.watch.directories == [device.path + "/etc/muster"])
        try device.remove("etc/muster")
        #expect(connector.watch.directories == [device.path + "/etc"])
    }
}
