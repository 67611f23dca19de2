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

/// The connector with a systemd that says that clamonacc ended.
@Suite("On-access scanning that does not stay up")
struct FailingOnAccessTests {
    private let programs: FakePrograms
    private let root: String
    private let connector: ClamAVConnector

    init() throws {
        programs = try FakePrograms()
        root = programs.file("root")
        for folder in ["", "/etc", "/etc/clamav", "/log", "/db", "/muster", "/run", "/run/systemd", "/run/systemd/system"] {
            try #require(mkdir(root + folder, 0o755) == 0)
        }
        try programs.write(
            "root/etc/clamav/clamd.conf",
            "LocalSocket \(root)/clamd.ctl\nLogFile \(root)/log/clamd.log\nOnAccessIncludePath /home\nOnAccessExcludeRootUID yes\n"
        )
        try programs.add("clamd", "exit 0")
        try programs.add("clamonacc", "exit 0")
        try programs.write("asked", "")
        connector = ClamAVConnector(
            directory: "\(root)/muster", program: programs.system, root: RootPath(root), patience: .zero)
    }

    private func systemdSays(daemon: String, onAccess: String) throws {
        try programs.add(
            "systemctl",
            """
            echo "$*" >>\(programs.file("asked"))
            [ $1 = show ] || exit 0
            echo Names=clamav-daemon.service; echo ActiveState=\(daemon); echo
            echo Names=clamav-daemon.socket; echo ActiveState=inactive; echo
            echo Names=clamav-clamonacc.service; echo ActiveState=\(onAccess); echo Result=exit-code; echo UnitFileState=enabled; echo Job=
            """)
    }

    private var starts: Int {
        String(decoding: SystemCall.contents(of: programs.file("asked")) ?? [], as: UTF8.self)
            .split(separator: "\n").count { $0.hasPrefix("enable --now") }
    }

    private func look() async throws -> ConnectorReading {
        try await connector.look(after: nil, remembering: nil, now: noon)
    }

    @Test func itIsSaidAndStartedAgainWhenItIsGivenAgain() async throws {
        let clamd = try FakeClamd("\(root)/clamd.ctl", .answering(["PING": Array("PONG\0".utf8)]))
        try systemdSays(daemon: "active", onAccess: "failed")
        guard case .failure(let failure) = try await look().obstacles[ClamAVKey.onAccess] else {
            Issue.record("no obstacle")
            return
        }
        #expect(failure.code == "onAccessFailed" && failure.text.contains("exit-code"), "\(failure.text)")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        #expect(starts == 1)
        try systemdSays(daemon: "active", onAccess: "active")
        #expect(try await look().obstacles.isEmpty, "what was learnt before it was given is not asked of")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        #expect(starts == 1, "it runs")
        withExtendedLifetime(clamd) {}
    }

    @Test func aClamdThatSomebodyStoppedIsNotStartedWithIt() async throws {
        try systemdSays(daemon: "inactive", onAccess: "failed")
        guard case .failure(let failure) = try await look().obstacles[ClamAVKey.onAccess] else {
            Issue.record("no obstacle")
            return
        }
        #expect(failure.text.contains("since clamd does not"), "\(failure.text)")
        try await connector.apply([ClamAVKey.onAccess: .onOff(true)])
        #expect(starts == 0)
    }
}
