package import MusterModel

extension Store {
    /// Stores a document as a device reported it in a session.
    ///
    /// - Parameters:
    ///   - body: whole, as it came; it replaces what was stored.
    ///   - installed: what changed, when the document is `installed`.
    ///   - applications: what it says, when the document is `applications`.
    ///   - system: what lists show, when the document is `system`.
    /// - Returns: false when a later session of the device has written meanwhile, or the device is gone; nothing is stored then.
    package func storeDocument(
        device: DeviceID, session: Int64, document: DocumentName, digest: Digest, body: [UInt8],
        installed: InstalledChange? = nil, applications: [ApplicationReport]? = nil, system: SystemSummary? = nil,
        now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await storeDocument(
            ReportedDocument(device: device, session: session, name: document, digest: digest, body: body), installed: installed,
            applications: applications, system: system, now: now)
    }

    /// The same of one in one piece.
    package func storeDocument(
        _ document: ReportedDocument, installed: InstalledChange? = nil, applications: [ApplicationReport]? = nil,
        system: SystemSummary? = nil, now: Timestamp
    ) async throws(StoreError) -> Bool {
        let device = document.device
        return try await write(isLarge: installed?.isLarge ?? false) { connection throws(StoreError) in
            guard try connection.store(document, now: now) else { return false }
            if let system {
                try connection.run(
                    """
                    UPDATE device SET host_name = $2, operating_system = $3, agent_version = $4, addresses = $5, udp_port = $6
                    WHERE id = $1
                    """,
                    [
                        .id(device), .text(system.hostName), .text(system.operatingSystem), .text(system.agentVersion),
                        .text(system.addresses), .integer(system.udpPort.map(Int64.init)),
                    ])
            }
            if let applications {
                try ApplicationRows(connection: connection).replace(applications, of: device, now: now)
            }
            if let installed {
                try InstalledWriter(connection: connection, device: device, now: now).apply(installed)
            }
            return true
        }
    }

    /// The bytes of a reported document; nil before the first.
    package func documentBody(device: DeviceID, document: DocumentName) async throws(StoreError) -> [UInt8]? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst(
                "SELECT body FROM document WHERE device = $1 AND name = $2", [.id(device), .integer(Int64(document.rawValue))]
            ) { row throws(StoreError) in try row.blob(0) }
        }
    }
}

/// A document as a device reported it in a session: whole, as it came.
package struct ReportedDocument: Sendable {
    let device: DeviceID
    let session: Int64
    let name: DocumentName
    let digest: Digest
    let body: [UInt8]

    package init(device: DeviceID, session: Int64, name: DocumentName, digest: Digest, body: [UInt8]) {
        (self.device, self.session, self.name, self.digest, self.body) = (device, session, name, digest, body)
    }
}

extension DatabaseConnection {
    /// In place of the one there was. - Returns: false when a later session of the device has written meanwhile, or the device is gone.
    func store(_ document: ReportedDocument, now: Timestamp) throws(StoreError) -> Bool {
        let isCurrent = try run(
            "UPDATE device SET last_session = $2 WHERE id = $1 AND last_session <= $2 AND deleted IS NULL",
            [.id(document.device), .integer(document.session)])
        guard isCurrent == 1 else { return false }
        try run(
            """
            INSERT INTO document (device, name, session, digest, body, updated) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (device, name) DO UPDATE
            SET session = excluded.session, digest = excluded.digest, body = excluded.body, updated = excluded.updated
            """,
            [
                .id(document.device), .integer(Int64(document.name.rawValue)), .integer(document.session),
                .bytes(document.digest.bytes), .bytes(document.body), .time(now),
            ])
        return true
    }
}
