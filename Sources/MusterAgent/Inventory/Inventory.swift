package import MusterModel
package import MusterWire

/// The documents the device reports of itself, read anew at each call. Files are read and nothing is started; a call blocks for some
/// 10 ms: never on an event loop.
package struct Inventory: Sendable {
    package let sources: [any InstalledSource]
    /// Facts of document `system` that others know: the agent's UDP port.
    package var additionalFacts: [String: Document.FactValue] = [:]
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
        var reading = InventoryReading(documents: [
            .system: Document(facts: system), .hardware: Document(facts: HardwareFacts.read(root).facts),
        ])
        var applications: [InstalledApplication] = []
        for source in sources {
            do {
                applications += try source.read()
            } catch {
                reading.failures.append(error)
            }
        }
        if reading.failures.isEmpty { reading.documents[.installed] = Document(installed: applications.map(\.withRoundedSize)) }
        return reading
    }

    /// Reads, and stores what changed; a changed list of installed applications together with the events about it, as one. The first list
    /// ever raises none. One call at a time: the caller sees to that.
    /// - Throws: what the database throws; the documents stored before that stay.
    package func refresh(state: AgentState, spool: Spool, now: Timestamp) throws(AgentError) -> InventoryRefresh {
        let reading = read()
        var refresh = InventoryRefresh(failures: reading.failures)
        let known = try state.reportedDigests()
        for (name, document) in reading.documents.sorted(by: { $0.key < $1.key }) where known[name] != document.digest {
            let events = name == .installed ? try Self.events(to: document, state: state, now: now) : []
            let position = try state.saveReported(name, document, raising: events, in: spool)
            refresh.changed.insert(name)
            refresh.position = position ?? refresh.position
        }
        return refresh
    }

    /// Both lists are taken from documents: an application that fits into none must not be new each time.
    private static func events(to new: Document, state: AgentState, now: Timestamp) throws(AgentError) -> [DeviceEvent] {
        guard let old = try state.reported(.installed), let before = try? old.installedApplications(),
            let after = try? new.installedApplications()
        else { return [] }
        return InstalledDifference(from: before, to: after).events(at: now)
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
