import MusterModel
import Synchronization

/// Chosen systemd units: whether they run, how often they were started again, what memory they take. Its settings are in `services.conf`, which
/// the device's owner may edit as well.
final class ServicesConnector: Connector {
    /// Of systemd's answer; its own limit for a client is 25 s.
    private static let patience = Duration.seconds(8)
    private static let standard: [String: ManagedValue] = [
        ServicesKey.watched: .list([]), ServicesKey.period: .duration(.seconds(15)),
    ]

    private let store: ServicesStore
    private let program: SystemProgram
    private let root: RootPath
    /// The last good ones.
    private let settings = Mutex(standard)

    /// - Parameter directory: of the agent's configuration.
    init(directory: String, program: SystemProgram, root: RootPath) {
        store = ServicesStore(directory: directory)
        self.program = program
        self.root = root
    }

    var manifest: ApplicationManifest { .services }
    var desired: DesiredSettingsSource { .settings }

    /// The parent as long as the directory is not there, so that its making is seen.
    var watch: ConnectorWatch {
        let directory = FileStamp(store.directory) == nil ? parent(of: store.directory) : store.directory
        return ConnectorWatch(period: watched.isEmpty ? nil : period, directories: [directory])
    }

    private var watched: [String] {
        if case .list(let names) = settings.withLock({ $0[ServicesKey.watched] }) { names } else { [] }
    }

    private var period: Duration? {
        if case .duration(let period) = settings.withLock({ $0[ServicesKey.period] }) { period } else { nil }
    }

    /// systemd's.
    func discover() async throws(ConnectorError) -> String {
        guard isThere else { return "" }
        let text = try await show(["--property=Version"], "its version is not known")
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Version=") }
        return line.map { String($0.dropFirst("Version=".count).prefix(64)) } ?? ""
    }

    /// systemd runs this machine.
    private var isThere: Bool { FileStamp(root.path("run/systemd/system")) != nil && program.isThere("systemctl") }

    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] { try read() }

    private func read() throws(ConnectorError) -> [String: ManagedValue] {
        let values = Self.standard.merging(try store.read()?.values ?? [:]) { $1 }
        settings.withLock { $0 = values }
        return values
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        // The file says seconds: what it cannot say would look changed for ever.
        if case .duration(let period) = settings[ServicesKey.period], period.milliseconds % 1000 != 0 {
            throw .settingNotAllowed(ServicesKey.period, "whole seconds")
        }
        try store.set(settings)
        _ = try read()
    }

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        let problem = fileProblem()
        guard isThere else { return ConnectorReading(state: .notInstalled, problems: problem) }
        let names = watched
        guard !names.isEmpty else { return ConnectorReading(state: .running, problems: problem) }
        let watch = UnitWatch(names, try await listing(names), after: before, now: now)
        return ConnectorReading(
            state: watch.state, problems: watch.problems + problem, facts: watch.facts, statistics: watch.statistics,
            events: watch.events)
    }

    /// Reads the file: what the owner wrote there is in force from now on. One that is damaged changes nothing.
    private func fileProblem() -> [ApplicationProblem] {
        do {
            _ = try read()
            return []
        } catch {
            return [ApplicationProblem(code: ApplicationProblem.fileDamaged, subject: store.path)]
        }
    }

    /// One call for all of them. A template alone is no unit: systemd refuses the whole call for it.
    private func listing(_ names: [String]) async throws(ConnectorError) -> UnitListing {
        let arguments = ["--property=\(UnitListing.properties.joined(separator: ","))", "--"]
        let asked = names.filter { !$0.contains("@.") }
        guard !asked.isEmpty else { return UnitListing("") }
        return UnitListing(try await show(arguments + asked, "the state of the watched units is not known"))
    }

    private func show(_ arguments: [String], _ without: String) async throws(ConnectorError) -> String {
        let output = await program.run("systemctl", ["show", "--no-pager"] + arguments, within: Self.patience)
        if let failure = output.failure(of: "systemctl show") { throw ConnectorError("systemdSilent", "\(failure): \(without)") }
        return output?.text ?? ""
    }
}

extension ApplicationProblem {
    /// The connector could not look; the subject is the code of the error.
    static let connectorFailed = "connector-failed"
    /// A file with settings cannot be read; the subject is its path.
    static let fileDamaged = "file-damaged"
}
