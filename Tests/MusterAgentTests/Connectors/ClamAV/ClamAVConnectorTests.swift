import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("Asking clamd")
struct ClamdClientTests {
    private let temporary: TemporaryDirectory
    private let client: ClamdClient

    init() throws {
        temporary = try TemporaryDirectory()
        client = ClamdClient(path: temporary.path + "/clamd.ctl")
    }

    @Test func anAnswerEndsWithAZeroByteOrTheConnection() async throws {
        let clamd = try FakeClamd(
            client.path, .answering(["PING": Array("PONG\0PONG".utf8), "VERSION": Array("ClamAV 1.4".utf8)]))
        #expect(await client.ask("PING", within: .seconds(60)) == .text("PONG"))
        #expect(await client.ask("VERSION", within: .seconds(60)) == .text("ClamAV 1.4"))
        #expect(await client.ask("STATS", within: .seconds(60)) == .silent, "the connection ended without a word")
        withExtendedLifetime(clamd) {}
    }

    @Test func whereNobodyListensNobodyIs() async throws {
        #expect(await client.ask("PING", within: .seconds(60)) == .absent)
        try temporary.write("clamd.ctl", "no socket")
        #expect(await client.ask("PING", within: .seconds(60)) == .absent)
        let long = ClamdClient(path: "/" + String(repeating: "a", count: 107))
        #expect(await long.ask("PING", within: .seconds(10)) == .absent)
    }

    @Test("what does not come to an end is silence", arguments: [FakeClamd.Manner.silent, .dripping, .flooding])
    func bounded(_ manner: FakeClamd.Manner) async throws {
        let clamd = try FakeClamd(client.path, manner)
        #expect(await client.ask("PING", within: .milliseconds(300)) == .silent)
        clamd.behave(.answering(["PING": Array("PONG\0".utf8)]))
        #expect(await client.ask("PING", within: .seconds(60)) == .text("PONG"), "the next one is answered")
    }
}

/// The connector with a program and a socket that stand in for clamd's: what a device without it, with a stopped and with a hung one shows.
@Suite("The connector for ClamAV")
struct ClamAVConnectorTests {
    private static let answers = [
        "PING": Array("PONG\0".utf8), "VERSION": Array("ClamAV 1.4.6/27500/Wed Nov 25 09:30:00 2026\0".utf8),
        "STATS": Array("POOLS: 1\n\nTHREADS: live 3  idle 1 max 12\nQUEUE: 4 items\nEND\0".utf8),
    ]

    private let machine: ClamAVMachine
    private let connector: ClamAVConnector
    private var programs: FakePrograms { machine.programs }
    private var root: String { machine.root }

    init() throws {
        let machine = try ClamAVMachine("")
        try machine.programs.write(
            "root/etc/clamav/clamd.conf",
            machine.text("/etc/clamav/clamd.conf") + "DatabaseDirectory \(machine.root)/db\nMaxFileSize 25M\n")
        self.machine = machine
        connector = machine.connector()
    }

    private func look(_ report: ApplicationReport? = nil, _ memory: [UInt8]? = nil) async throws -> ConnectorReading {
        try await connector.look(after: report, remembering: memory, now: noon)
    }

    private func report(_ reading: ConnectorReading) -> ApplicationReport {
        ApplicationReport(application: .clamAV, state: reading.state, problems: reading.problems, facts: reading.facts)
    }

    private func makeDatabase() throws {
        try programs.write(
            "root/db/daily.cvd", "ClamAV-VDB:x:27500:10:90:0123:sig:builder:\((noon - .days(1)).milliseconds / 1000)")
    }

    @Test func oneThatAnswersRuns() async throws {
        try makeDatabase()
        let clamd = try FakeClamd(machine.socket, .answering(Self.answers))
        let reading = try await look()
        #expect(reading.state == .running && reading.problems.isEmpty && reading.events.isEmpty)
        #expect(reading.facts.first { $0.name == "database/version" }?.text == "27500")
        #expect(reading.statistics["threads-busy"] == 2 && reading.statistics["queue"] == 4)
        #expect(try await connector.discover() == "1.4.6")
        withExtendedLifetime(clamd) {}
    }

    @Test func withoutItItIsNotInstalled() async throws {
        unlink(programs.file("clamd"))
        let reading = try await look()
        #expect(reading.state == .notInstalled && reading.events.isEmpty && reading.problems.isEmpty)
        #expect(try await connector.settingsInForce() == [:] && connector.watch.period == nil)
        #expect(try await connector.discover() == "")
        await #expect(throws: ConnectorError.self) { try await connector.apply([ClamAVKey.detectPUA: .onOff(true)]) }
        try await connector.apply([:])

        let removed = try await look(ApplicationReport(application: .clamAV, state: .running))
        #expect(removed.events.map(\.type) == ["protection-stopped"])
        #expect(removed.events.first?.parameters == ["reason": .text("not-installed")])
    }

    @Test func oneThatIsStopped() async throws {
        try makeDatabase()
        let reading = try await look(ApplicationReport(application: .clamAV, state: .running))
        #expect(reading.state == .stopped && reading.problems.map(\.subject) == ["stopped"])
        #expect(reading.events.map(\.type) == ["protection-stopped"])
        #expect(try await look(report(reading)).events.isEmpty)
    }

    @Test func oneThatHangs() async throws {
        try makeDatabase()
        let clamd = try FakeClamd(machine.socket, .silent)
        let reading = try await look(ApplicationReport(application: .clamAV, state: .running))
        #expect(reading.state == .failed && reading.problems.map(\.subject) == ["silent"])
        withExtendedLifetime(clamd) {}
    }

    @Test("systemd would start a stopped clamd for whoever asks it: nobody does")
    func askingStartsNothing() async throws {
        try machine.addSystemd()
        try programs.add(
            "systemctl",
            """
            echo Names=clamav-daemon.service; echo ActiveState=inactive; echo
            echo Names=clamav-daemon.socket; echo ActiveState=active; echo
            echo Names=clamav-clamonacc.service; echo ActiveState=inactive; echo UnitFileState=disabled
            """)
        // It would answer.
        let clamd = try FakeClamd(machine.socket, .answering(Self.answers))
        let reading = try await look()
        #expect(reading.state == .stopped)
        #expect(reading.facts.first { $0.name == "on-access" }?.text == "inactive")
        #expect(try await connector.settingsInForce()[ClamAVKey.onAccess] == .onOff(false))
        withExtendedLifetime(clamd) {}
    }

    @Test func whatItsLogSaysIsToldAcrossRestarts() async throws {
        let clamd = try FakeClamd(machine.socket, .answering(Self.answers))
        try makeDatabase()
        try programs.write("root/log/clamd.log", "\(root)/files/old: Old FOUND\n")
        let first = try await look()
        #expect(first.events.isEmpty, "what was there at the first look is history")
        try programs.write("root/files/evil", "x")
        let log = try #require(fopen("\(root)/log/clamd.log", "a"))
        fputs("\(root)/files/evil: Eicar FOUND\n", log)
        fclose(log)
        let second = try await look(report(first), first.memory)
        #expect(second.events.map(\.type) == ["threat-found"] && second.events.first?.severity == .critical)
        #expect(second.problems.map(\.code) == ["threat-found"])
        let again = ClamAVConnector(directory: "\(root)/muster", program: programs.system, root: RootPath(root))
        let third = try await again.look(after: report(second), remembering: second.memory, now: noon)
        #expect(third.events.isEmpty && third.problems.map(\.subject) == ["\(root)/files/evil"])
        #expect(third.memory == second.memory, "nothing is written where nothing is new")
        withExtendedLifetime(clamd) {}
    }

    @Test func settingsStandInTheFilesAndTheRestStays() async throws {
        try await connector.apply([
            ClamAVKey.maximumFileSize: .number(50), ClamAVKey.updateChecks: .number(2),
            ClamAVKey.outdatedAfter: .duration(.days(2)),
            ClamAVKey.exclusions: .list(["/proc"]),
        ])
        let clamd = machine.text("/etc/clamav/clamd.conf")
        #expect(clamd.hasPrefix("# mine\n") && clamd.hasSuffix("MaxFileSize 50M\nExcludePath ^/proc(/|$)\n"), "\(clamd)")
        #expect(SystemCall.contents(of: "\(root)/etc/clamav/freshclam.conf") == Array("Checks 2\n".utf8))
        #expect(SystemCall.contents(of: "\(root)/muster/clamav.conf") == Array("OutdatedAfter 2d\n".utf8))
        let inForce = try await connector.settingsInForce()
        #expect(inForce[ClamAVKey.maximumFileSize] == .number(50) && inForce[ClamAVKey.detectPUA] == .onOff(false))
        #expect(inForce[ClamAVKey.outdatedAfter] == .duration(.days(2)))
    }

    @Test("what clamd does not take is put back, in all files")
    func putBack() async throws {
        try programs.add("clamd", "echo 'ERROR: it is full moon' >&2; exit 1")
        let before = SystemCall.contents(of: "\(root)/etc/clamav/clamd.conf")
        var failure: ConnectorError?
        do {
            try await connector.apply([ClamAVKey.maximumThreads: .number(3), ClamAVKey.updateChecks: .number(2)])
        } catch { failure = error }
        #expect(failure?.code == "configurationRefused" && failure?.text.contains("full moon") == true, "\(failure?.text ?? "")")
        #expect(SystemCall.contents(of: "\(root)/etc/clamav/clamd.conf") == before)
        #expect(SystemCall.contents(of: "\(root)/etc/clamav/freshclam.conf") == Array("Checks 24\n".utf8))
    }

    @Test func onAccessScanningWantsItsProgramAndFolders() async throws {
        func failure() async -> String? {
            do { try await connector.apply([ClamAVKey.onAccess: .onOff(true)]) } catch { return error.code }
            return nil
        }
        #expect(await failure() == "onAccessMissing")
        try programs.add("clamonacc", "exit 0")
        try programs.add("systemctl", "exit 0")
        try machine.addSystemd()
        #expect(await failure() == "onAccessWithoutFolders")
        try machine.systemdSays()
        try await connector.apply([ClamAVKey.onAccess: .onOff(true), ClamAVKey.onAccessPaths: .list(["/home"])])
        #expect(
            machine.orders == [
                "try-restart --no-block -- clamav-daemon.service clamav-clamonacc.service",
                "enable --now --no-block -- clamav-clamonacc.service",
            ])
        let clamd = machine.text("/etc/clamav/clamd.conf")
        #expect(clamd.hasSuffix("OnAccessIncludePath /home\nOnAccessExcludeRootUID yes\n"), "\(clamd)")
    }
}
