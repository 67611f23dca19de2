import MusterModel

extension Store {
    /// Takes a device in: the token's use, the device, its certificate, the audit row and the event `device-enrolled` in one transaction.
    ///
    /// The same token and key again within 24 hours, even after the token's expiry, get the same device and certificate, and no further
    /// use is counted. A key that belongs to a known device is that device, whichever valid token it comes with.
    package func enrol(_ order: EnrolmentOrder) async throws(StoreError) -> EnrolmentOutcome {
        try await write { connection throws(StoreError) in try Enrolment(connection: connection, order: order).run() }
    }
}

/// One enrolment, inside its transaction.
private struct Enrolment {
    /// How long an enrolment may be asked for again.
    static let repetition: Duration = .hours(24)

    let connection: any DatabaseConnection
    let order: EnrolmentOrder

    private struct Token {
        /// The name of the package whose download made it.
        let package: String?
        let hash: Fingerprint
        let expires: Timestamp
        let maximumUses: Int64?
        let uses: Int64
        let revoked: Timestamp?
    }

    func run() throws(StoreError) -> EnrolmentOutcome {
        guard let token = try fetchToken(), constantTimeEquals(token.hash.bytes, order.secretHash.bytes)
        else { return .refused(.tokenUnknown) }
        guard token.revoked == nil else { return .refused(.tokenRevoked) }
        if let earlier = try fetchEarlier() { return earlier }
        guard order.now < token.expires else { return .refused(.tokenExpired) }
        if let maximum = token.maximumUses, token.uses >= maximum { return .refused(.tokenUsedUp) }
        return try enrol(by: token.package)
    }

    private func fetchToken() throws(StoreError) -> Token? {
        try connection.fetchFirst(
            """
            SELECT t.secret_hash, t.expires, t.maximum_uses, t.uses, t.revoked, p.name
            FROM enrolment_token t LEFT JOIN installation_package p ON p.id = t.package WHERE t.id = $1
            """, [.id(order.tokenID)]
        ) { row throws(StoreError) in
            Token(
                package: row.text(at: 5), hash: try row.fingerprint(0), expires: try row.time(1), maximumUses: row.integer(at: 2),
                uses: try row.int(3),
                revoked: row.optionalTime(4))
        }
    }

    /// The certificate of the enrolment that is asked for again, when it may be.
    private func fetchEarlier() throws(StoreError) -> EnrolmentOutcome? {
        try connection.fetchFirst(
            """
            SELECT c.device, c.fingerprint, c.public_key, c.generation, c.not_before, c.not_after, c.used, c.revoked, c.der
            FROM enrolment e JOIN certificate c ON c.fingerprint = e.certificate
            WHERE e.token = $1 AND e.public_key = $2 AND e.enrolled > $3 AND c.revoked = 0
            """,
            [.id(order.tokenID), .fingerprint(order.publicKeyFingerprint), .time(order.now - Self.repetition)]
        ) { row throws(StoreError) in
            let certificate = StoredCertificate(record: try row.certificate(at: 1), der: try row.blob(8), isNew: false)
            return .enrolled(try row.id(0), certificate: certificate, isNew: false, position: nil)
        }
    }

    /// - Parameter package: the name of the installation package, where it came by one.
    private func enrol(by package: String?) throws(StoreError) -> EnrolmentOutcome {
        let known = try fetchDeviceOfKey()
        let device = known ?? order.device
        let name = BoundedText.cut(order.proposedName, to: BoundedText.deviceName)
        if known == nil {
            try connection.run(
                "INSERT INTO device (id, name, revision, created, last_session) VALUES ($1, $2, 1, $3, 0)",
                [.id(device), .text(name), .time(order.now)])
        }
        let certificate = try storeCertificate(of: device)
        try countUse(device: device, certificate: certificate)
        var facts: Parameters = [
            "name": .text(name), "address": .text(order.address), "token": .text("\(order.tokenID)"),
        ]
        if let package { facts["package"] = .text(package) }
        try connection.audit(
            AuditPrincipal(kind: "device", id: "\(device)"), "enrol-device", "device", "\(device)", facts, order.now)
        let position = try EventWriter(connection: connection).storeServerEvent(
            ServerEvent(
                device: device, type: EventType.deviceEnrolled, severity: .info,
                text: "The device \(name) enrolled from \(order.address).",
                parameters: facts),
            now: order.now)
        let last = known == nil ? try adoptToken(of: device, named: name) : nil
        return .enrolled(device, certificate: certificate, isNew: known == nil, position: last ?? position)
    }

    /// Past the limit of permanent connections the device goes without one, and an event says so.
    /// - Returns: the position of the last event stored, if one was.
    private func adoptToken(of device: DeviceID, named name: String) throws(StoreError) -> Int64? {
        guard try TokenAdoption(connection: connection, token: order.tokenID, device: device).run() else { return nil }
        return switch try PermanentConnections(connection: connection, now: order.now).tick(device, named: name) {
        case .changed(_, let position): position
        case .limitReached(_, let position): position
        case .unchanged: nil
        }
    }

    private func fetchDeviceOfKey() throws(StoreError) -> DeviceID? {
        try connection.fetchFirst(
            """
            SELECT d.id FROM certificate c JOIN device d ON d.id = c.device
            WHERE c.public_key = $1 AND d.deleted IS NULL AND c.revoked = 0 ORDER BY c.generation DESC LIMIT 1
            """, [.fingerprint(order.publicKeyFingerprint)]
        ) { row throws(StoreError) in try row.id(0) }
    }

    private func storeCertificate(of device: DeviceID) throws(StoreError) -> StoredCertificate {
        let made: NewCertificate
        do {
            made = try order.make(device)
        } catch {
            throw StoreError(.certificate, "No certificate could be made: \(error)", underlying: error)
        }
        return try CertificateWriter(connection: connection, device: device, publicKey: order.publicKeyFingerprint).store(made)
    }

    private func countUse(device: DeviceID, certificate: StoredCertificate) throws(StoreError) {
        try connection.run("UPDATE enrolment_token SET uses = uses + 1 WHERE id = $1", [.id(order.tokenID)])
        try connection.run(
            """
            INSERT INTO enrolment (token, public_key, device, certificate, enrolled) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (token, public_key) DO UPDATE
            SET device = excluded.device, certificate = excluded.certificate, enrolled = excluded.enrolled
            """,
            [
                .id(order.tokenID), .fingerprint(order.publicKeyFingerprint), .id(device),
                .fingerprint(certificate.record.fingerprint), .time(order.now),
            ])
    }

    private func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
    }
}
