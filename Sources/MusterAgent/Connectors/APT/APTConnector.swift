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
    private let origins: ManagedFile
    private let survey: PackageSurvey

    init(_ survey: PackageSurvey, program: SystemProgram, root: RootPath) {
        self.survey = survey
        self.program = program
        self.root = root
        let directory = root.path("etc/apt/apt.conf.d")
        file = ManagedFile(directory: directory, name: AutomaticUpdates.file, maximumBytes: 4096)
        // 32 origins of 200 bytes.
        origins = ManagedFile(directory: directory, name: AllowedOrigins.file, maximumBytes: 16 * 1024)
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
        let isInstalled = program.isThere(AutomaticUpdates.program)
        let dump = isInstalled ? try await configuration() : ""
        return [
            APTKey.automaticUpdates: .onOff(AutomaticUpdates.isOn(dump)),
            APTKey.allowedOrigins: .list(AllowedOrigins.named(in: dump)),
        ]
    }

    private func configuration() async throws(ConnectorError) -> String {
        let keys = [AutomaticUpdates.key, AllowedOrigins.key]
        let output = await program.run(
            "apt-config", ["dump", "--no-empty", "--format", "%f %v%n"] + keys, within: Self.patience)
        if let failure = output.failure(of: "apt-config dump") {
            throw ConnectorError("aptFailed", "\(failure): how automatic updates are set is not known")
        }
        return output?.text ?? ""
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        guard !settings.isEmpty else { return }
        guard isThere else { throw ConnectorError("aptMissing", "this device has no apt: take its settings out of the policy") }
        if case .onOff(let isOn) = settings[APTKey.automaticUpdates] { try await switchUpdates(isOn) }
        if case .list(let texts) = settings[APTKey.allowedOrigins] { try await allow(texts) }
    }

    private func switchUpdates(_ isOn: Bool) async throws(ConnectorError) {
        if isOn { try requireProgram() }
        try write(AutomaticUpdates.text(isOn: isOn), to: file)
        // Without the program it is off, whatever is configured.
        let dump = program.isThere(AutomaticUpdates.program) ? try await configuration() : ""
        guard AutomaticUpdates.isOn(dump) == isOn else { throw overridden(AutomaticUpdates.key) }
    }

    private func allow(_ texts: [String]) async throws(ConnectorError) {
        try requireProgram()
        try write(AllowedOrigins.text(texts), to: origins)
        guard AllowedOrigins.named(in: try await configuration()) == texts else { throw overridden(AllowedOrigins.key) }
    }

    private func requireProgram() throws(ConnectorError) {
        guard !program.isThere(AutomaticUpdates.program) else { return }
        throw ConnectorError(
            "unattendedUpgradesMissing",
            "the package unattended-upgrades is not installed here: apt-get install unattended-upgrades")
    }

    private func write(_ text: String, to file: ManagedFile) throws(ConnectorError) {
        if try file.contents() != Array(text.utf8) { try file.replace(with: text) }
    }

    private func overridden(_ key: String) -> ConnectorError {
        ConnectorError("settingOverridden", "another file in \(file.directory) says otherwise about \(key): take it out there")
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
