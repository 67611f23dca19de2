import MusterModel

/// The rows of manifests, inside a transaction.
struct ManifestRows {
    /// Of all devices together, that nobody decided on: a hostile device must not fill the database.
    static let maximumWaiting: Int64 = 200
    /// Of those, brought by one device: nor keep out those of others.
    static let maximumWaitingOfDevice: Int64 = 32
    /// Decided or not.
    static let maximumCount: Int64 = 1_000

    let connection: any DatabaseConnection

    private static let columns = """
        m.digest, m.application, m.version, m.body, m.device, m.first_seen, m.decision, m.decided, m.principal_kind, m.principal
        """
    private static let devices = """
        (SELECT count(*) FROM device_manifest d JOIN device ON device.id = d.device
            WHERE d.digest = m.digest AND device.deleted IS NULL)
        """

    /// What a device has, these and no others. - Returns: those that nobody knew.
    func replace(_ manifests: [ReportedManifest], of device: DeviceID, now: Timestamp) throws(StoreError) -> [ReportedManifest] {
        try connection.run("DELETE FROM device_manifest WHERE device = $1", [.id(device)])
        var new: [ReportedManifest] = []
        for manifest in manifests {
            try connection.run(
                """
                INSERT INTO device_manifest (device, application, digest) VALUES ($1, $2, $3)
                ON CONFLICT (device, application) DO UPDATE SET digest = excluded.digest
                """,
                [.id(device), .text(manifest.application.description), .bytes(manifest.digest.bytes)])
            if try insert(manifest, of: device, now: now) { new.append(manifest) }
        }
        return new
    }

    /// - Returns: false for one that is known, and for one too many, which waits for room until the device reports anew.
    private func insert(_ manifest: ReportedManifest, of device: DeviceID, now: Timestamp) throws(StoreError) -> Bool {
        guard try count("WHERE digest = $1", [.bytes(manifest.digest.bytes)]) == 0,
            try count("", []) < Self.maximumCount, try count("WHERE decision = 0", []) < Self.maximumWaiting,
            try count("WHERE decision = 0 AND device = $1", [.id(device)]) < Self.maximumWaitingOfDevice
        else { return false }
        return try connection.run(
            """
            INSERT INTO manifest (digest, application, version, body, device, first_seen, decision)
            VALUES ($1, $2, $3, $4, $5, $6, 0)
            ON CONFLICT (digest) DO NOTHING
            """,
            [
                .bytes(manifest.digest.bytes), .text(manifest.application.description), .text(manifest.version),
                .bytes(manifest.body), .id(device), .time(now),
            ]) == 1
    }

    private func count(_ condition: String, _ values: [SQLValue]) throws(StoreError) -> Int64 {
        try connection.fetchFirst("SELECT count(*) FROM manifest \(condition)", values) { row throws(StoreError) in
            try row.int(0)
        } ?? 0
    }

    /// By application, the one that came last first. Those that are accepted alone are in the order in which they were.
    func fetchAll() throws(StoreError) -> [ManifestRecord] {
        try fetch("ORDER BY m.application, m.first_seen DESC, m.digest", [])
    }

    func fetchAccepted() throws(StoreError) -> [ManifestRecord] {
        try fetch("WHERE m.decision = 1 ORDER BY m.decided, m.digest", [])
    }

    func fetch(_ digest: Digest) throws(StoreError) -> ManifestRecord? {
        try fetch("WHERE m.digest = $1", [.bytes(digest.bytes)]).first
    }

    private func fetch(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [ManifestRecord] {
        try connection.fetchAll("SELECT \(Self.columns), \(Self.devices) FROM manifest m \(rest)", values) {
            row throws(StoreError) in try Self.record(row)
        }
    }

    private static func record(_ row: any DatabaseRow) throws(StoreError) -> ManifestRecord {
        let (digest, application) = (try row.blob(0), try row.string(1))
        guard let digest = Digest(bytes: digest), let application = ApplicationID(application),
            let decision = ManifestDecision(rawValue: try row.int(6))
        else { throw .damaged("A manifest of '\(application)' cannot be read.") }
        let kind = row.text(at: 8)
        return ManifestRecord(
            digest: digest, application: application, version: try row.string(2), body: try row.blob(3), device: try row.id(4),
            firstSeen: try row.time(5), decision: decision, decided: row.optionalTime(7),
            principal: try kind.map { kind throws(StoreError) in AuditPrincipal(kind: kind, id: try row.string(9)) },
            devices: try row.int(10))
    }

    /// No two at one time: their order counts.
    func decide(_ digest: Digest, _ decision: ManifestDecision, by principal: AuditPrincipal, now: Timestamp) throws(StoreError) {
        let last = try connection.fetchFirst("SELECT max(decided) FROM manifest", []) { row throws(StoreError) in
            row.optionalTime(0)
        }
        let now = max(now, (last ?? nil).map { $0 + .milliseconds(1) } ?? now)
        try connection.run(
            "UPDATE manifest SET decision = $2, decided = $3, principal_kind = $4, principal = $5 WHERE digest = $1",
            [.bytes(digest.bytes), .integer(decision.rawValue), .time(now), .text(principal.kind), .text(principal.id)])
    }

    func fetchDecisions(of device: DeviceID) throws(StoreError) -> [ApplicationID: ManifestDecision] {
        var decisions: [ApplicationID: ManifestDecision] = [:]
        let question = """
            SELECT m.application, m.decision FROM device_manifest d
                JOIN manifest m ON m.digest = d.digest AND m.application = d.application WHERE d.device = $1
            """
        try connection.prepare(question).run([.id(device)]) { row throws(StoreError) in
            guard let application = ApplicationID(try row.string(0)) else { return }
            decisions[application] = ManifestDecision(rawValue: try row.int(1))
        }
        return decisions
    }

    /// Of every device that reported any.
    func fetchByDevice() throws(StoreError) -> [DeviceID: [ApplicationID: Digest]] {
        var all: [DeviceID: [ApplicationID: Digest]] = [:]
        try connection.prepare("SELECT device, application, digest FROM device_manifest").run([]) { row throws(StoreError) in
            guard let application = ApplicationID(try row.string(1)), let digest = Digest(bytes: try row.blob(2)) else { return }
            all[try row.id(0), default: [:]][application] = digest
        }
        return all
    }
}
