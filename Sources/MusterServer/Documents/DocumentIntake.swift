import MusterModel
import MusterStore
import MusterWire
import NIOPosix

/// Takes reported documents into the store: assembles and checks them on a pool of threads, never on an event loop, and says what became
/// of each. A document cut short, damaged or out of date changes nothing.
///
/// An item that this document cannot hold is told (`malformed`); bytes that are no document end the session.
struct DocumentIntake: Sendable {
    let store: Store
    let directory: DeviceDirectory
    let pool: NIOThreadPool
    let budget: AssemblyBudget
    /// The server stored events itself, up to this position, so many.
    var eventsStored: @Sendable (_ position: Int64, _ count: Int) -> Void = { _, _ in }

    /// - Throws: `WireError` for bytes that are no document, or inflate past what was announced.
    func store(_ incoming: IncomingDocument, of device: DeviceID, session: UInt64, now: Timestamp) async throws
        -> Muster_V1_DocumentStatus
    {
        guard let digest = incoming.basis else {
            return try await store(incoming, basis: nil, of: device, session: session, now: now)
        }
        let body = try await store.documentBody(device: device, document: incoming.name)
        // The session reserved for what came; a patch takes its basis and what comes of it besides.
        let memory = 2 * (body?.count ?? 0)
        guard budget.reserve(memory) else { return .busy }
        defer { budget.release(memory) }
        // One that is damaged in the database is as good as none: the device sends it whole.
        let basis = try await pool.runIfActive { body.flatMap { try? Document(encoded: $0) } }
        guard basis?.digest == digest else { return .basisUnknown }
        return try await store(incoming, basis: basis, of: device, session: session, now: now)
    }

    /// What the directory is to know of it; nil: nothing.
    private func news(of read: ReadDocument) async throws -> (@Sendable (inout DirectoryEntry) -> Void)? {
        if let system = read.system { return { $0.systemStored(system) } }
        if let applications = read.applications { return { $0.applicationsStored(applications) } }
        if let manifests = read.manifests {
            let digests = Dictionary(manifests.map { ($0.application, $0.digest) }) { first, _ in first }
            return { $0.manifestsStored(digests) }
        }
        guard read.installed != nil else { return nil }
        let conditions = directory.installedConditions
        let document = read.document
        let (count, holding) = try await pool.runIfActive { try document.installed(holding: conditions) }
        return { $0.installedStored(count: count, holding: holding) }
    }

    private func store(_ incoming: IncomingDocument, basis: Document?, of device: DeviceID, session: UInt64, now: Timestamp)
        async throws
        -> Muster_V1_DocumentStatus
    {
        let read: ReadDocument
        do {
            read = try await pool.runIfActive { try ReadDocument(incoming, basis: basis) }
        } catch is UnreadableItem {
            return .malformed
        } catch let error as WireError where error.code == .digestMismatch {
            return .digestMismatch
        }
        guard try await store(read, incoming.name, of: device, session: session, now: now) else { return .outdated }
        directory.documentStored(device, incoming.name, read.document.digest)
        if let news = try await news(of: read) { directory.factsChanged(device, now: now, news)?.tell() }
        return .stored
    }
}

extension DocumentIntake {
    private func store(
        _ read: ReadDocument, _ name: DocumentName, of device: DeviceID, session: UInt64, now: Timestamp
    ) async throws -> Bool {
        let document = ReportedDocument(
            device: device, session: Int64(clamping: session), name: name, digest: read.document.digest, body: read.document.body)
        guard let manifests = read.manifests else {
            return try await store.storeDocument(
                document, installed: read.installed, applications: read.applications, system: read.system, now: now)
        }
        guard let new = try await store.storeManifests(manifests, document, now: now) else { return false }
        if let position = new.position { eventsStored(position, new.count) }
        return true
    }
}

extension Document {
    /// Of a list of installed applications: how many, and which conditions hold.
    fileprivate func installed(holding conditions: Set<InstalledCondition>) throws -> (Int, Set<InstalledCondition>) {
        guard !conditions.isEmpty else { return (items().count, []) }
        let applications = try installedApplications()
        let byName = Dictionary(grouping: applications, by: \.name)
        return (
            applications.count,
            conditions.filter { condition in byName[condition.name]?.contains(where: condition.holds) ?? false }
        )
    }
}

/// The bytes are a document, and one of its items is not what it holds.
private struct UnreadableItem: Error {}

/// A document and what the tables want to know of it.
private struct ReadDocument: Sendable {
    let document: Document
    let installed: InstalledChange?
    let system: SystemSummary?
    let applications: [ApplicationReport]?
    let manifests: [ReportedManifest]?

    init(_ incoming: IncomingDocument, basis: Document?) throws {
        let (document, patch) = try incoming.assembled(basis: basis)
        self.document = document
        do {
            installed = incoming.name == .installed ? try Self.change(document, patch) : nil
            applications = incoming.name == .applications ? try document.applications() : nil
            manifests = incoming.name == .manifests ? try Self.manifests(document) : nil
            // Read when somebody looks.
            if incoming.name == .taskStates { _ = try document.standings() }
        } catch {
            throw UnreadableItem()
        }
        system = incoming.name == .system ? Self.summary(document.facts()) : nil
    }

    /// Connectors of one device; an agent runs 16.
    private static let maximumManifests = 16

    /// One that this server cannot read is as if it was not there: nothing could be accepted.
    private static func manifests(_ document: Document) throws(WireError) -> [ReportedManifest] {
        try document.manifests().sorted { $0.key < $1.key }.prefix(maximumManifests).compactMap { application, bytes in
            guard let external = try? ExternalManifest(json: bytes), external.application == application else { return nil }
            return ReportedManifest(
                application: application, version: external.version, digest: external.digest, body: external.bytes)
        }
    }

    private static func change(_ document: Document, _ patch: DocumentPatch?) throws(WireError) -> InstalledChange {
        guard let patch else { return .whole(try document.installedApplications()) }
        var put: [InstalledApplication] = []
        var remove: [InstalledKey] = []
        for operation in patch.operations {
            switch operation {
            case .put(let item): put.append(try InstalledApplication(item))
            case .remove(let key):
                let key = try InstalledApplicationKey(key)
                remove.append(InstalledKey(source: key.source, name: key.name, architecture: key.architecture))
            }
        }
        return .patch(put: put, remove: remove)
    }

    /// 0 stays 0: the agent does not listen. What is no port reads as nothing said.
    private static func port(_ fact: Document.FactValue?) -> UInt16? {
        if case .integer(let number) = fact { UInt16(exactly: number) } else { nil }
    }

    private static func summary(_ facts: [String: Document.FactValue]) -> SystemSummary {
        func text(_ name: String) -> String? {
            if case .text(let text) = facts[name] { text } else { nil }
        }
        let system =
            text("os/pretty-name") ?? [text("os/name"), text("os/version")].compactMap(\.self).joined(separator: " ")
        return SystemSummary(
            hostName: text("host-name"), operatingSystem: system.isEmpty ? nil : system, agentVersion: text("agent-version"),
            addresses: text(SystemFact.addresses), udpPort: port(facts[SystemFact.udpPort]))
    }
}

extension Document {
    /// Of tasks that a device says it holds: more than there can be are left out, and no text is longer than people read.
    func boundedStandings() throws(WireError) -> [TaskStanding] {
        try standings().prefix(TaskRecord.maximumCount).map { standing in
            var bounded = standing
            bounded.code = String(standing.code.prefix(64))
            bounded.text = String(standing.text.prefix(500))
            return bounded
        }
    }
}
