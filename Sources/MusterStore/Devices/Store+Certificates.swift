package import MusterModel

extension Store {
    /// Stores a renewed certificate. The same key asked twice gets the certificate made for it before, as long as more than half of its
    /// time lies ahead.
    /// - Throws: `notFound` when the device is not there (any more).
    package func addCertificate(
        device: DeviceID, publicKeyFingerprint: Fingerprint, certificate: NewCertificate
    ) async throws(StoreError) -> StoredCertificate {
        try await write { connection throws(StoreError) in
            guard try connection.exists("SELECT 1 FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)])
            else { throw .notFound("device") }
            return try CertificateWriter(connection: connection, device: device, publicKey: publicKeyFingerprint).store(
                certificate)
        }
    }

    /// The device has connected with this certificate.
    package func markCertificateUsed(_ fingerprint: Fingerprint) async throws(StoreError) {
        _ = try await write { connection throws(StoreError) in
            try connection.run(
                "UPDATE certificate SET used = 1 WHERE fingerprint = $1 AND used = 0", [.fingerprint(fingerprint)])
        }
    }
}

/// The certificates of one device and key.
struct CertificateWriter {
    let connection: any DatabaseConnection
    let device: DeviceID
    let publicKey: Fingerprint

    /// The newest that is not revoked.
    func fetchLatest() throws(StoreError) -> StoredCertificate? {
        try connection.fetchFirst(
            """
            SELECT fingerprint, public_key, generation, not_before, not_after, used, revoked, der FROM certificate
            WHERE public_key = $1 AND device = $2 AND revoked = 0 ORDER BY generation DESC LIMIT 1
            """, [.fingerprint(publicKey), .id(device)]
        ) { row throws(StoreError) in
            StoredCertificate(record: try row.certificate(at: 0), der: try row.blob(7), isNew: false)
        }
    }

    func store(_ certificate: NewCertificate) throws(StoreError) -> StoredCertificate {
        if let latest = try fetchLatest(), isFresh(latest, beside: certificate) { return latest }
        return try insert(certificate, used: false)
    }

    /// As the newest generation of the device.
    func insert(_ certificate: NewCertificate, used: Bool) throws(StoreError) -> StoredCertificate {
        let generation = try connection.fetchFirst(
            """
            INSERT INTO certificate (fingerprint, device, public_key, generation, not_before, not_after, used, revoked, der)
            SELECT $1, $2, $3, COALESCE(MAX(generation), 0) + 1, $4, $5, $7, 0, $6 FROM certificate WHERE device = $2
            RETURNING generation
            """,
            [
                .fingerprint(certificate.fingerprint), .id(device), .fingerprint(publicKey), .time(certificate.notBefore),
                .time(certificate.notAfter), .bytes(certificate.der), .integer(used ? 1 : 0),
            ]
        ) { row throws(StoreError) in try row.int(0) }
        guard let generation else { throw .damaged("A certificate was stored without a generation.") }
        let record = CertificateRecord(
            fingerprint: certificate.fingerprint, publicKeyFingerprint: publicKey, generation: generation,
            notBefore: certificate.notBefore, notAfter: certificate.notAfter, used: used, revoked: false)
        return StoredCertificate(record: record, der: certificate.der, isNew: true)
    }

    private func isFresh(_ stored: StoredCertificate, beside new: NewCertificate) -> Bool {
        new.notAfter - stored.record.notAfter < (new.notAfter - new.notBefore) / 2
    }
}
