package import MusterModel

/// What connection requests and shutdown notices need of the database.
extension Store {
    private static let lastNotice = "last-notice"

    /// DER of the newest certificate of the device for this key that is not revoked.
    package func certificateDER(device: DeviceID, publicKey: Fingerprint) async throws(StoreError) -> [UInt8]? {
        try await read { connection throws(StoreError) in
            try CertificateWriter(connection: connection, device: device, publicKey: publicKey).fetchLatest()?.der
        }
    }

    /// A shutdown notice came that was believed.
    package func noticeReceived(_ now: Timestamp) async throws(StoreError) {
        _ = try await write { connection throws(StoreError) in
            try connection.run(
                "INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
                [.text(Self.lastNotice), .time(now)])
        }
    }

    /// When one last came, to the minute; nil: none ever did.
    package func fetchLastNotice() async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT value FROM counter WHERE name = $1", [.text(Self.lastNotice)]) {
                row throws(StoreError) in try row.time(0)
            }
        }
    }

    /// Writes down who asked a device to connect.
    /// - Returns: false when there is no such device.
    package func auditConnectionRequest(
        _ device: DeviceID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            guard try connection.exists("SELECT 1 FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)])
            else { return false }
            try connection.audit(principal, "request-connection", "device", "\(device)", [:], now)
            return true
        }
    }
}
