package import MusterModel
package import MusterWire

/// The documents the device reports of itself, read anew at each call. Files are read and nothing is started; a call blocks for some
/// 10 ms: never on an event loop.
package struct Inventory: Sendable {
    package let sources: [any InstalledSource]
    /// Facts of document `system` that others know: the agent's UDP port.
    package var additionalFacts: [String: Document.FactValue] = [:]
    /// What of it is reported.
    package var settings = InventorySettings()
    private let root: RootPath
    private let agentVersion: String

    /// - Parameters:
    ///   - root: where the device's files are; tests have their own.
    ///   - sources: nil for all there are.
    package init(root: String = "/", agentVersion: String, sources: [any InstalledSource]? = nil) {
        self.root = RootPath(root)
        self.agentVersion = agentVersion
        self.sources = sources ?? [DpkgSource(root: root), PythonSource(root: root)]
    }

    package func read() -> InventoryReading {
        let system = SystemFacts.read(root, agentVersion: agentVersion).facts.merging(additionalFacts) { $1 }
        let hardware = settings.reportsHardware ? HardwareFacts.read(root).facts : [:]
        var reading = InventoryReading(documents: [.system: Document(facts: system), .hardware: Document(facts: hardware)])
        var applications: [InstalledApplication] = []
        for source in reportedSources {
            do {
                applications += try source.read()
            } catch {
                reading.failures.append(error)
            }
        }
        if reading.failures.isEmpty { reading.documents[.installed] = Document(installed: applications.map(\.withRoundedSize)) }
        return reading
    }

    private var reportedSources: [any InstalledSource] {
        sources.filter { settings.sources.contains($0.name) }
    }

    /// Reads, and stores what changed; a changed list of installed applications together with the events about it, as one. The first list
    /// ever raises none. One call at a time: the caller sees to that.
    /// - Throws: what the database throws; the documents stored before that stay.
    package func refresh(state: AgentState, spool: Spool, now: Timestamp) throws(AgentError) -> InventoryRefresh {
        let reading = read()
        var refresh = InventoryRefresh(failures: reading.failures)
        let known = try state.reportedDigests()
        let (before, names) = (try state.inventorySources(), Set(reportedSources.map(\.name)))
        // What a source has that was switched on or off is no news of applications.
        let steady = before.map(names.intersection) ?? names
        for (name, document) in reading.documents.sorted(by: { $0.key < $1.key }) where known[name] != document.digest {
            let events = name == .installed ? try Self.events(to: document, of: steady, state: state, now: now) : []
            let position = try state.saveReported(name, document, raising: events, in: spool)
            refresh.changed.insert(name)
            refresh.position = position ?? refresh.position
        }
        if names != before, refresh.failures.isEmpty { try state.saveInventorySources(names) }
        return refresh
    }

    /// Both lists are taken from documents: an application that fits into none must not be new each time.
    private static func events(
        to new: Document, of sources: Set<String>, state: AgentState, now: Timestamp
    ) throws(AgentError) -> [DeviceEvent] {
        guard let old = try state.reported(.installed), let before = try? old.installedApplications(),
            let after = try? new.installedApplications()
        else { return [] }
        let isSteady: (InstalledApplication) -> Bool = { sources.contains($0.source) }
        return InstalledDifference(from: before.filter(isSteady), to: after.filter(isSteady)).events(at: now)
    }
}

extension AgentState {
    /// Which sources the document `installed` was made from; nil before the first, and where an older agent made it.
    func inventorySources() throws(AgentError) -> Set<String>? {
        try database.read { (connection) throws(AgentError) in try connection.value(.inventorySources)?.text }
            .map { Set($0.split(separator: ",").map(String.init)) }
    }

    func saveInventorySources(_ names: Set<String>) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.setValue(.inventorySources, .text(names.sorted().joined(separator: ",")))
        }
    }
}

/// What one reading of the device gave.
package struct InventoryReading: Sendable {
    /// Without `installed` when a source failed: its applications would look removed.
    package var documents: [DocumentName: Document]
    /// Of sources, to be logged.
    package var failures: [AgentError] = []
}

/// What a refresh did.
package struct InventoryRefresh: Sendable {
    /// Documents stored because they are not what they were.
    package var changed: Set<DocumentName> = []
    /// The spool's position when events were raised.
    package var position: SpoolPosition?
    /// Of sources, to be logged.
    package var failures: [AgentError] = []
}
