package import MusterModel

/// A connector of others, as `muster-agent status` shows it.
package struct ExternalConnectorReport: Codable, Hashable, Sendable {
    /// Of its file.
    package var name: String
    /// Of its manifest; nil before it said any.
    package var version: String?
    package var running: Bool
    /// When it said last that it is there.
    package var since: Timestamp?
    /// Since the agent's start.
    package var starts: Int
    /// Why it does not run.
    package var failure: String?
    /// Why it is not started at all.
    package var refused: String?

    init(
        name: String, version: String? = nil, running: Bool = false, since: Timestamp? = nil, starts: Int = 0,
        failure: String? = nil, refused: String? = nil
    ) {
        (self.name, self.version, self.running, self.since) = (name, version, running, since)
        (self.starts, self.failure, self.refused) = (starts, failure, refused)
    }
}

extension ExternalConnectorReport {
    /// For the table.
    package var text: String {
        if let refused { return "REFUSED: \(refused)" }
        let times = starts == 1 ? "started once" : "started \(starts) times"
        let version = version.map { " (\($0))" } ?? ""
        if running { return "running\(version) since \(since?.description ?? "a moment ago"), \(times)" }
        return "NOT RUNNING\(version), \(times): \(failure ?? "it has not answered yet")"
    }
}
