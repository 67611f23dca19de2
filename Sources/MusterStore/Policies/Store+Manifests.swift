package import MusterModel

extension Store {
    /// Stores the document `manifests` of a device; those that nobody knew wait for an administrator, and an event says so.
    /// - Returns: nil when a later session of the device has written meanwhile, or the device is gone; nothing is stored then.
    package func storeManifests(
        _ manifests: [ReportedManifest], _ document: ReportedDocument, now: Timestamp
    ) async throws(StoreError) -> ManifestIntake? {
        try await write { connection throws(StoreError) in
            guard try connection.store(document, now: now) else { return nil }
            let new = try ManifestRows(connection: connection).replace(manifests, of: document.device, now: now)
            var position: Int64?
            for manifest in new {
                position = try EventWriter(connection: connection).storeServerEvent(
                    .newManifest(manifest, of: document.device), now: now)
            }
            return ManifestIntake(position: position, count: new.count)
        }
    }

    /// All that are known, by application, the one that came last first.
    package func fetchManifests() async throws(StoreError) -> [ManifestRecord] {
        try await read { connection throws(StoreError) in try ManifestRows(connection: connection).fetchAll() }
    }

    /// Nil when it is not known.
    package func fetchManifest(_ digest: Digest) async throws(StoreError) -> ManifestRecord? {
        try await read { connection throws(StoreError) in try ManifestRows(connection: connection).fetch(digest) }
    }

    /// In the order in which they were accepted.
    package func fetchAcceptedManifests() async throws(StoreError) -> [ManifestRecord] {
        try await read { connection throws(StoreError) in try ManifestRows(connection: connection).fetchAccepted() }
    }

    /// Which manifests each device has: what the server keeps in memory.
    package func fetchAllDeviceManifests() async throws(StoreError) -> [DeviceID: [ApplicationID: Digest]] {
        try await read { connection throws(StoreError) in try ManifestRows(connection: connection).fetchByDevice() }
    }

    /// What was decided of those that a device has; one that is not kept is not among them.
    package func fetchManifestDecisions(of device: DeviceID) async throws(StoreError) -> [ApplicationID: ManifestDecision] {
        try await read { connection throws(StoreError) in try ManifestRows(connection: connection).fetchDecisions(of: device) }
    }

    /// Accepts or rejects a manifest; what was decided before is changed. Said once more, nothing is.
    /// - Throws: `notFound`.
    package func decideManifest(
        _ digest: Digest, isAccepted: Bool, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> ManifestRecord {
        try await write { connection throws(StoreError) in
            let rows = ManifestRows(connection: connection)
            guard let found = try rows.fetch(digest) else { throw .notFound("manifest") }
            let decision: ManifestDecision = isAccepted ? .accepted : .rejected
            guard found.decision != decision else { return found }
            try rows.decide(digest, decision, by: principal, now: now)
            try connection.audit(
                principal, isAccepted ? "accept-manifest" : "reject-manifest", "manifest", "\(digest)",
                ["application": .text(found.application.description), "version": .text(found.version)], now)
            return try rows.fetch(digest) ?? found
        }
    }
}

extension ServerEvent {
    fileprivate static func newManifest(_ manifest: ReportedManifest, of device: DeviceID) -> Self {
        Self(
            device: device, type: EventType.connectorManifestNew, severity: .warning,
            text: """
                The device has a connector for '\(manifest.application)' whose manifest (version \(manifest.version)) nobody has accepted. \
                Until then nothing is set of the application.
                """,
            parameters: [
                "application": .text(manifest.application.description), "version": .text(manifest.version),
                "digest": .text("\(manifest.digest)"),
            ])
    }
}
