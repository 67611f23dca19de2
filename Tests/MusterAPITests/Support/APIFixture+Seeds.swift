import MusterModel
import MusterStore
import MusterTrust

extension APIFixture {
    struct NotSeeded: Error {}

    /// A device as enrolment leaves it; an event `device-enrolled` comes with it.
    func device(_ name: String) async throws -> DeviceID {
        let token = EnrolmentTokenText(id: .random(), secret: .random())
        let record = EnrolmentTokenRecord(
            id: token.id, name: "for \(name)", created: Self.now, expires: Self.now + .days(1), maximumUses: 1)
        try await store.createEnrolmentToken(record, secretHash: token.hash, principal: Self.principal)
        let key = PrivateKey.generate()
        let issuer = DeviceCertificateIssuer(key: self.key)
        let order = EnrolmentOrder(
            tokenID: token.id, secretHash: token.hash, publicKeyFingerprint: key.pin, proposedName: name, address: "192.0.2.1",
            now: Self.now, device: .random()
        ) { device in
            let facts = try issuer.issue(publicKeyDER: key.publicKeyDER, device: device, now: Self.now, lifetime: .days(90))
            return NewCertificate(
                fingerprint: facts.fingerprint, der: facts.der, notBefore: facts.notBefore, notAfter: facts.notAfter)
        }
        guard case .enrolled(let id, _, _, _) = try await store.enrol(order) else { throw NotSeeded() }
        return id
    }

    /// The device's whole list, as its first synchronization brings it.
    func installed(_ device: DeviceID, _ applications: [InstalledApplication]) async throws {
        guard let digest = Digest(bytes: [UInt8](repeating: 1, count: 16)) else { throw NotSeeded() }
        let stored = try await store.storeDocument(
            device: device, session: 1, document: .installed, digest: digest, body: [], installed: .whole(applications),
            now: Self.now)
        guard stored else { throw NotSeeded() }
    }

    /// Stores events and tells the backend, as the server does after a commit.
    @discardableResult
    func events(_ device: DeviceID, from first: UInt64, _ texts: [String], severity: Severity = .info) async throws -> Int64 {
        let inputs = texts.enumerated().map { index, text in
            StoredEventInput(
                sequence: first + UInt64(index), type: "test-event", severity: severity, text: text, occurred: Self.now,
                occurredRaw: Self.now)
        }
        let result = try await store.storeEvents(
            device: device, epoch: 7, expectedLast: first - 1, events: inputs,
            newPlace: StoredPlace(last: first - 1 + UInt64(texts.count), stamp: 0),
            received: Self.now)
        guard case .stored(let position) = result else { throw NotSeeded() }
        backend.eventsCommitted(upTo: position)
        return position
    }
}
