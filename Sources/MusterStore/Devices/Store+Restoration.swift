import MusterModel

extension Store {
    /// Takes in a certificate whose record is lost, as the newest generation of its device and used: the record, the audit row and the
    /// event `certificate-restored` in one transaction. Asked again, it changes nothing.
    package func restoreCertificate(_ order: RestorationOrder) async throws(StoreError) -> RestorationOutcome {
        try await write { connection throws(StoreError) in try Restoration(connection: connection, order: order).run() }
    }
}

/// One restoration, inside its transaction.
private struct Restoration {
    let connection: any DatabaseConnection
    let order: RestorationOrder

    func run() throws(StoreError) -> RestorationOutcome {
        let deleted = try connection.fetchFirst("SELECT deleted FROM device WHERE id = $1", [.id(order.device)]) {
            row throws(StoreError) in row.optionalTime(0) != nil
        }
        guard let deleted else { return .refused(.unknownCertificate) }
        guard !deleted else { return .refused(.deviceDeleted) }
        let known = try fetchCertificates()
        if let same = known.first(where: { $0.fingerprint == order.certificate.fingerprint }) {
            return .restored(same, position: nil)
        }
        if let reason = order.refusal(known) { return .refused(reason) }
        let writer = CertificateWriter(connection: connection, device: order.device, publicKey: order.publicKeyFingerprint)
        let record = try writer.insert(order.certificate, used: true).record
        return .restored(record, position: try tell(of: record))
    }

    private func fetchCertificates() throws(StoreError) -> [CertificateRecord] {
        try connection.fetchAll(
            """
            SELECT fingerprint, public_key, generation, not_before, not_after, used, revoked FROM certificate
            WHERE device = $1 ORDER BY generation
            """, [.id(order.device)]
        ) { row throws(StoreError) in try row.certificate(at: 0) }
    }

    /// - Returns: the event's position.
    private func tell(of record: CertificateRecord) throws(StoreError) -> Int64 {
        let facts: Parameters = [
            "certificate": .text("\(record.fingerprint)"), "generation": .integer(record.generation),
            "notBefore": .time(record.notBefore), "address": .text(order.address),
        ]
        try connection.audit(
            AuditPrincipal(kind: "device", id: "\(order.device)"), "restore-certificate", "device", "\(order.device)", facts,
            order.now)
        return try EventWriter(connection: connection).storeServerEvent(
            ServerEvent(
                device: order.device, type: EventType.certificateRestored, severity: .warning,
                text: """
                    The device came with a certificate of this server that is not in its database (was an older copy put back?). \
                    It was taken in again as generation \(record.generation).
                    """,
                parameters: facts),
            now: order.now)
    }
}
