import FoundationEssentials
import Glibc
import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite("What apt says is pending")
struct PendingUpdatesTests {
    @Test func updatesAndSecurityUpdatesAreTold() {
        let updates = PendingUpdates(
            """
            NOTE: This is only a simulation!
            Reading package lists...
            Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
            Inst libgcrypt20 [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
            Inst openssl [3.0.13-0ubuntu3] (3.0.13-0ubuntu3.1 Ubuntu:24.04/noble-security [amd64])
            Inst linux-image-6.1.0-30-amd64 (6.1.124-1 Debian-Security:12/stable-security [amd64])
            Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
            Inst broken [1.0]
            """)
        #expect(updates.all.map(\.name) == ["bash", "libgcrypt20", "openssl"], "a package that would be new is no update")
        #expect(updates.security.map(\.name) == ["libgcrypt20", "openssl"])
        #expect(PendingUpdates("").all.isEmpty)
        func come(_ origin: String) -> [String] {
            updates.all.filter { update in PackageOrigin(origin).map { update.comes(from: $0) } ?? false }.map(\.name)
        }
        #expect(come("Debian") == ["bash", "libgcrypt20"] && come("Ubuntu:noble-security") == ["openssl"])
        #expect(come("Debian-Security:oldstable-security") == ["libgcrypt20"] && come("Debian:stable") == [])
    }
}

@Suite("What the state of packages means")
struct PackageWatchTests {
    private func updates(_ count: Int) -> PendingUpdates {
        PendingUpdates((0..<count).map { "Inst p\($0) [1] (2 Debian-Security:12/stable-security [all])" }.joined(separator: "\n"))
    }

    /// As a transcript: security updates, whether a restart is required, what is raised. Each time only the report is remembered.
    @Test func eachChangeIsToldOnce() {
        let (updated, restart) = (EventType.securityUpdatesPending, EventType.restartRequired)
        let story: [(updates: Int, restart: [String]?, events: [String])] = [
            (0, nil, []), (2, nil, [updated]), (2, nil, []), (1, nil, []), (3, ["linux-image"], [updated, restart]),
            (0, ["linux-image"], []), (0, nil, []), (0, [], [restart]), (0, [], []),
        ]
        var report: ApplicationReport?
        for (number, step) in story.enumerated() {
            let watch = PackageWatch(updates(step.updates), held: [], restart: step.restart, after: report, now: noon)
            #expect(watch.events.map(\.type) == step.events, "step \(number)")
            let problems = watch.problems.map { "\($0.code) \($0.subject)" }
            let expected = [
                step.restart == nil ? nil : "restart-required device",
                step.updates == 0 ? nil : "security-updates-pending \(step.updates)",
            ]
            #expect(problems.sorted() == expected.compactMap(\.self), "step \(number)")
            report = ApplicationReport(application: .apt, state: .running, problems: watch.problems, facts: watch.facts)
        }
    }

    @Test func manyNamesAreCounted() {
        let watch = PackageWatch(updates(12), held: ["b", "a"], restart: nil, after: nil, now: noon)
        let facts = Dictionary(uniqueKeysWithValues: watch.facts.map { ($0.name, $0.text) })
        #expect(facts["updates/pending"] == "12" && facts["updates/security"] == "12" && facts["held"] == "a, b")
        #expect(facts["updates/security-packages"]?.hasSuffix("p6, p7 and 2 more") == true)
        #expect(watch.statistics == ["updates-pending": 12, "security-updates-pending": 12, "packages-held": 2])
    }
}

/// The connector with programs that stand in for apt's: what they say is apt's, when they are asked is to be seen.
@Suite("The connector for APT")
struct APTConnectorTests {
    private let programs: FakePrograms
    private let root: String
    private let survey: PackageSurvey
    private let connector: APTConnector

    init() throws {
        programs = try FakePrograms()
        root = programs.file("root")
        for folder in ["", "/etc", "/etc/apt", "/etc/apt/apt.conf.d", "/run", "/var", "/var/lib", "/var/lib/dpkg"] {
            try #require(mkdir(root + folder, 0o755) == 0)
        }
        try programs.write("root/var/lib/dpkg/status", "one")
        try programs.add("nice", "shift 2; exec \(programs.directory)/\"$@\"")
        try programs.add("apt-get", "echo asked >> \(programs.file("asked")); echo 'Inst a [1] (2 Debian-Security:12/s [all])'")
        try programs.add("apt-mark", "echo kept")
        try programs.add("apt-config", "echo 'APT::Periodic::Unattended-Upgrade 0'")
        survey = PackageSurvey(program: programs.system, root: RootPath(root), rest: .zero)
        connector = APTConnector(survey, program: programs.system, root: RootPath(root))
    }

    private func asked() -> Int { SystemCall.contents(of: programs.file("asked"), limit: 4096)?.count(where: { $0 == 10 }) ?? 0 }

    private func withSurvey(_ body: () async throws -> Void) async throws {
        let running = Task { [survey] in await survey.run {} }
        defer { running.cancel() }
        try await body()
    }

    /// Looks until what apt answered is in it.
    private func look(until isDone: (ConnectorReading) -> Bool) async throws -> ConnectorReading {
        for _ in 0..<600 {
            let reading = try await connector.look(after: nil, now: noon)
            if isDone(reading) { return reading }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try await connector.look(after: nil, now: noon)
    }

    @Test func aptIsAskedOnlyWhenSomethingChanged() async throws {
        let first = try await connector.look(after: nil, now: noon)
        #expect(first.state == .running && first.facts.isEmpty, "nothing is known yet, and nobody waits for apt")
        try await withSurvey {
            let reading = try await look { !$0.facts.isEmpty }
            #expect(reading.facts.first { $0.name == "held" }?.text == "kept")
            #expect(reading.problems.map(\.subject) == ["1"])
            _ = try await look { _ in true }
            #expect(asked() == 1)
            try programs.add("apt-get", "echo asked >> \(programs.file("asked"))")
            try programs.write("root/var/lib/dpkg/status", "another")
            #expect(try await look { $0.problems.isEmpty }.problems == [])
            #expect(asked() == 2)
        }
    }

    @Test func whyAptCannotSayIsSaid() async throws {
        try programs.add("apt-get", "echo 'E: The package lists are damaged' >&2; exit 100")
        var failure: ConnectorError?
        try await withSurvey {
            for _ in 0..<600 where failure == nil {
                do { _ = try await connector.look(after: nil, now: noon) } catch { failure = error as? ConnectorError }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(failure?.code == "aptFailed" && failure?.text.contains("lists are damaged") == true, "\(failure?.text ?? "")")
    }

    @Test func aRestartIsRequiredWhenPackagesSaySo() async throws {
        try programs.write("root/run/reboot-required", "")
        try programs.write("root/run/reboot-required.pkgs", "linux-base\nlinux-base\nlibc6\n")
        try await withSurvey {
            let reading = try await look { !$0.facts.isEmpty }
            #expect(reading.facts.first { $0.name == "restart-required" }?.text == "libc6, linux-base")
        }
    }

    @Test func withoutAptItIsNotInstalled() async throws {
        unlink(programs.file("apt-get"))
        #expect(try await connector.look(after: nil, now: noon).state == .notInstalled)
        #expect(try await connector.settingsInForce() == [:])
        await #expect(throws: ConnectorError.self) { try await connector.apply([APTKey.automaticUpdates: .onOff(false)]) }
    }

    @Test func automaticUpdatesWantTheirProgramAndTheLastWord() async throws {
        func failure(_ isOn: Bool) async -> String? {
            do { try await connector.apply([APTKey.automaticUpdates: .onOff(isOn)]) } catch { return error.code }
            return nil
        }
        #expect(await failure(true) == "unattendedUpgradesMissing")
        try programs.add("unattended-upgrade", "exit 0")
        #expect(await failure(true) == "settingOverridden", "apt-config says off whatever the agent's file says")
        // As apt-config would.
        let file = "\(root)/etc/apt/apt.conf.d/52muster"
        try programs.add("apt-config", "sed -n 's/^\\(APT::Periodic::Unattended-Upgrade\\) \"\\(.\\)\";/\\1 \\2/p' \(file)")
        #expect(await failure(true) == nil)
        #expect(try await connector.settingsInForce()[APTKey.automaticUpdates] == .onOff(true))
        #expect(await failure(false) == nil)
        #expect(try await connector.settingsInForce()[APTKey.automaticUpdates] == .onOff(false))
    }

    /// Read back by the real apt-config.
    @Test(.enabled(if: access("/usr/bin/apt-config", X_OK) == 0))
    func allowedOriginsTakeThePlaceOfTheOwners() async throws {
        let folder = "\(root)/etc/apt/apt.conf.d"
        try programs.add("unattended-upgrade", "exit 0")
        try programs.write("apt.conf", "Dir::Etc::parts \"\(folder)\";")
        try programs.add("apt-config", "APT_CONFIG=\(programs.file("apt.conf")) exec /usr/bin/apt-config \"$@\"")
        try programs.write(
            "root/etc/apt/apt.conf.d/50unattended-upgrades",
            """
            Unattended-Upgrade::Allowed-Origins { "Debian:stable"; };
            Unattended-Upgrade::Origins-Pattern { "label=Own"; "origin=Debian,codename=${distro_codename}"; };
            """)
        #expect(
            try await connector.settingsInForce()[APTKey.allowedOrigins]
                == .list(["ORIGIN:SUITE Debian:stable", "Own", "origin=Debian,codename=${distro_codename}"]))
        for origins in [["Debian-Security:stable-security", "Own mirror"], []] {
            try await connector.apply([APTKey.allowedOrigins: .list(origins)])
            #expect(try await connector.settingsInForce()[APTKey.allowedOrigins] == .list(origins))
        }
        try programs.write("root/etc/apt/apt.conf.d/99owner", "Unattended-Upgrade::Origins-Pattern:: \"label=Mine\";")
        let error = await #expect(throws: ConnectorError.self) {
            try await connector.apply([APTKey.allowedOrigins: .list(["Own mirror"])])
        }
        #expect(error?.code == "settingOverridden")
    }
}
