import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("Whether clamonacc does what it is there for")
struct OnAccessTests {
    private func unit(
        _ active: String, file: String = "enabled", result: String = "success", since: Int64? = nil, isQueued: Bool = false,
        isRestarting: Bool = false
    ) -> UnitListing.Unit {
        UnitListing.Unit(
            active: active, result: result, file: file, activeSince: since, isQueued: isQueued, isRestarting: isRestarting)
    }

    @Test func itIsUpOnceItStaysUp() {
        let cases: [(UnitListing.Unit, OnAccess.Standing, String)] = [
            (unit("inactive", file: "disabled"), .off, "inactive"), (unit("failed", file: "disabled"), .off, "inactive"),
            (unit("active", file: "disabled"), .off, "active"), (unit("inactive"), .down, "inactive"),
            (unit("inactive", isQueued: true), .starting, "inactive"), (unit("activating"), .starting, "activating"),
            (unit("active", since: 97_000_000), .starting, "active"), (unit("active", since: 95_000_000), .up, "active"),
            (unit("active", since: 5_000_000, isQueued: true), .starting, "active"), (unit("active"), .up, "active"),
            (unit("failed", result: "exit-code", since: 50_000_000), .down, "failed"),
            (unit("activating", result: "exit-code", isRestarting: true), .down, "activating"),
        ]
        for (unit, standing, shown) in cases {
            let onAccess = OnAccess(unit, uptime: 100)
            #expect(onAccess.standing == standing && onAccess.shown == shown, "\(unit)")
        }
    }

    @Test func whatIsWrongIsSaidInWords() {
        func said(_ unit: UnitListing.Unit, _ isClamdThere: Bool?, _ error: String? = nil) -> String? {
            switch OnAccess(unit, uptime: 100).obstacle(isClamdThere: isClamdThere, error: error) {
            case nil: nil
            case .notYet: "not yet"
            case .failure(let failure): failure.code == "onAccessFailed" ? failure.text : failure.code
            }
        }
        let failed = unit("failed", result: "exit-code")
        #expect(said(unit("active"), true) == nil && said(unit("failed", file: "disabled"), true) == nil)
        #expect(said(unit("inactive"), true)?.contains("(clamav-clamonacc.service: inactive)") == true)
        #expect(said(unit("activating"), true) == "not yet" && said(failed, nil) == "not yet")
        #expect(said(failed, false) == "clamonacc does not run, since clamd does not: start clamav-daemon.service on the device")
        #expect(
            said(failed, true)
                == "clamonacc does not stay up (clamav-clamonacc.service: exit-code): journalctl -u clamav-clamonacc.service on the device says why"
        )
        #expect(
            said(failed, true, "it may not")
                == "clamonacc does not stay up (clamav-clamonacc.service: exit-code): it may not. Mend that on the device, or set on-access to off"
        )
    }

    @Test func whatItDoesNotWatch() throws {
        let machine = try ClamAVMachine("")
        try machine.makeFolder("/files/in")
        try machine.programs.write("root/file", "")
        try #require(symlink("\(machine.root)/files", "\(machine.root)/link") == 0)
        func fault(_ path: String) -> OnAccessFolders.Fault? { OnAccessFolders.fault(of: machine.root + path) }
        #expect(fault("/files") == nil && fault("/files/") == nil && fault("/link/in") == nil)
        #expect(fault("/none") == .missing && fault("/file") == .notAFolder && fault("/file/in") == .missing)
        #expect(fault("/link") == .link && fault("/link/") == .link)
        #expect(OnAccessFolders.fault(of: "/") == .root && OnAccessFolders.fault(of: "//") == .root)
    }

    @Test func whatClamonaccSaidLastIsFoundInItsLog() throws {
        let programs = try FakePrograms()
        let root = RootPath(programs.directory)
        let log = ClamLog(ClamConfiguration(), root: root)
        #expect(log.onAccessError == nil)
        for folder in ["var", "var/log", "var/log/clamav"] { try #require(mkdir(programs.file(folder), 0o755) == 0) }
        let dashes = String(repeating: "-", count: 38)
        let first = "\(dashes)\nERROR: Clamonacc: fanotify_init failed: \u{1b}[2J\nERROR: exiting ...\n"
        let path = "var/log/clamav/clamonacc.log"
        try programs.write(path, first)
        #expect(log.onAccessError == "Clamonacc: fanotify_init failed: \\u{1b}[2J")
        // More than is looked at.
        try programs.write(path, String(repeating: "x\n", count: 20_000) + first)
        #expect(log.onAccessError?.hasPrefix("Clamonacc: fanotify_init") == true)
        try programs.write(path, first + "\(dashes)\nClamInotif: watching '/home'\n")
        #expect(log.onAccessError == nil, "that was another time")
    }
}

/// The connector with a systemd that says how clamonacc is.
@Suite("On-access scanning that does not do what it is there for")
struct FailingOnAccessTests {
    private let machine: ClamAVMachine
    private let connector: ClamAVConnector
    private let folder: String

    init() throws {
        let machine = try ClamAVMachine("OnAccessExcludeRootUID yes\n", hasSystemd: true)
        folder = "\(machine.root)/files"
        try machine.programs.write(
            "root/etc/clamav/clamd.conf", machine.text("/etc/clamav/clamd.conf") + "OnAccessIncludePath \(folder)\n")
        try machine.programs.add("clamonacc", "exit 0")
        self.machine = machine
        connector = machine.connector()
    }

    /// - Parameter since: it is active, in microseconds after the device started.
    private func systemdSays(daemon: String, onAccess: String, since: Int = 0) throws {
        try machine.systemdSays(
            """
            echo Names=clamav-daemon.service; echo ActiveState=\(daemon); echo
            echo Names=clamav-daemon.socket; echo ActiveState=inactive; echo
            echo Names=clamav-clamonacc.service; echo ActiveState=\(onAccess); echo Result=exit-code; echo UnitFileState=enabled; echo Job=
            echo ActiveEnterTimestampMonotonic=\(since)
            """)
    }

    private func answeringClamd() throws -> FakeClamd {
        try FakeClamd(machine.socket, .answering(["PING": Array("PONG\0".utf8)]))
    }

    private func failure(_ key: String = ClamAVKey.onAccess) async throws -> ConnectorError? {
        let reading = try await connector.look(after: nil, remembering: nil, now: noon)
        return if case .failure(let failure) = reading.obstacles[key] { failure } else { nil }
    }

    @Test func itIsSaidAndStartedAgainWhenItIsGivenAgain() async throws {
        let clamd = try answeringClamd()
        try systemdSays(daemon: "active", onAccess: "failed")
        let failed = try #require(try await failure())
        #expect(failed.code == "onAccessFailed" && failed.text.contains("exit-code"), "\(failed.text)")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        let start = ["enable --now --no-block -- clamav-clamonacc.service"]
        #expect(machine.orders == start)
        try systemdSays(daemon: "active", onAccess: "active")
        #expect(try await failure() == nil, "what was learnt before it was given is not asked of")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        #expect(machine.orders == start, "it runs")
        withExtendedLifetime(clamd) {}
    }

    @Test func aClamdThatSomebodyStoppedIsNotStartedWithIt() async throws {
        try systemdSays(daemon: "inactive", onAccess: "failed")
        let failed = try #require(try await failure())
        #expect(failed.text.contains("since clamd does not"), "\(failed.text)")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        #expect(machine.orders.isEmpty)
    }

    /// clamonacc stays up, and says that it watches it.
    @Test func aFolderThatIsNotThereIsNamedUntilItIsWatched() async throws {
        let clamd = try answeringClamd()
        let missing = "\(machine.root)/later"
        try systemdSays(daemon: "active", onAccess: "active", since: 1)
        let settings: [String: ManagedValue] = [
            ClamAVKey.onAccess: .onOff(true), ClamAVKey.onAccessPaths: .list([folder, missing]),
        ]
        try await connector.apply(settings)
        let restart = "try-restart --no-block -- clamav-clamonacc.service"
        #expect(machine.orders.count == 1 && machine.orders.first?.hasSuffix(" clamav-clamonacc.service") == true)
        for key in settings.keys {
            let failed = try #require(try await failure(key))
            #expect(failed.code == "onAccessFolder" && failed.text.contains("no folder \(missing)"), "\(failed.text)")
        }
        try await connector.apply(settings)
        #expect(machine.orders.count == 1, "starting it anew helps nobody")
        try machine.makeFolder("/later")
        #expect(try await failure()?.text.contains("made after clamonacc began") == true)
        try await connector.apply([ClamAVKey.onAccessPaths: .list([folder, missing])])
        #expect(machine.orders.count == 2 && machine.orders.last == restart)
        try systemdSays(daemon: "active", onAccess: "active", since: 2)
        #expect(try await failure() == nil)
        try await connector.apply(settings)
        #expect(machine.orders.count == 2)
        withExtendedLifetime(clamd) {}
    }
}
