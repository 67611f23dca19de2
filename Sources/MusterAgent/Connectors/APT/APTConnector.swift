import MusterModel

/// The device's packages as apt sees them: which updates are pending, what is held, whether a restart is needed; and whether it installs
/// updates by itself.
struct APTConnector: Connector {
    /// Where nothing changes, some files are looked at.
    private static let period = Duration.minutes(1)
    private static let patience = Duration.seconds(8)

    private let program: SystemProgram
    private let root: RootPath
    private let file: ManagedFile
    private let survey: PackageSurvey

    init(_ survey: PackageSurvey, program: SystemProgram, root: RootPath) {
        self.survey = survey
        self.program = program
        self.root = root
        file = ManagedFile(directory: root.path("etc/apt/apt.conf.d"), name: AutomaticUpdates.file, maximumBytes: 4096)
    }

    var manifest: ApplicationManifest { .apt }
    var desired: DesiredSettingsSource { .settings }
    var watch: ConnectorWatch { ConnectorWatch(period: isThere ? Self.period : nil, directories: [file.directory]) }

    private var isThere: Bool { program.isThere("apt-get") }

    /// apt's: `apt 2.6.1 (amd64)`.
    func discover() async throws(ConnectorError) -> String {
        let output = await program.run("apt-get", ["--version"], within: Self.patience)
        let words = output?.text.prefix { !$0.isNewline }.split(separator: " ") ?? []
        return words.count > 1 ? String(words[1].prefix(64)) : ""
    }

    // MARK: Settings

    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] {
        guard isThere else { return [:] }
        return [APTKey.automaticUpdates: .onOff(try await areUpdatesAutomatic())]
    }

    private func areUpdatesAutomatic() async throws(ConnectorError) -> Bool {
        guard program.isThere(AutomaticUpdates.program) else { return false }
        let output = await program.run(
            "apt-config", ["dump", "--no-empty", "--format", "%f %v%n", AutomaticUpdates.key], within: Self.patience)
        if let failure = output.failure(of: "apt-config dump") {
            throw ConnectorError("aptFailed", "\(failure): whether updates are automatic is not known")
        }
        return AutomaticUpdates.isOn(output?.text ?? "")
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        guard case .onOff(let isOn) = settings[APTKey.automaticUpdates] else { return }
        guard isThere else { throw ConnectorError("aptMissing", "this device has no apt: take its settings out of the policy") }
        if isOn, !program.isThere(AutomaticUpdates.program) {
            throw ConnectorError(
                "unattendedUpgradesMissing",
                "the package unattended-upgrades is not installed here: apt-get install unattended-upgrades")
        }
        let text = AutomaticUpdates.text(isOn: isOn)
        if try file.contents() != Array(text.utf8) { try file.replace(with: text) }
        guard try await areUpdatesAutomatic() == isOn else {
            throw ConnectorError(
                "settingOverridden",
                "another file in \(file.directory) says otherwise about \(AutomaticUpdates.key): take it out there")
        }
    }

    // MARK: Looking

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        guard isThere else { return ConnectorReading(state: .notInstalled) }
        guard let answer = try survey.latest() else {
            return ConnectorReading(state: .running, problems: before?.problems ?? [], facts: before?.facts ?? [])
        }
        let watch = PackageWatch(answer.updates, held: answer.held, restart: restart, after: before, now: now)
        return ConnectorReading(
            state: .running, problems: watch.problems, facts: watch.facts, statistics: watch.statistics, events: watch.events)
    }

    /// As packages leave it behind: on Ubuntu, and on Debian where unattended-upgrades is installed.
    private var restart: [String]? {
        guard FileStamp(root.path("run/reboot-required")) != nil else { return nil }
        return Set(root.lines("run/reboot-required.pkgs").map { String($0) }).sorted()
    }
}
