import MusterModel
import MusterStore
import Testing

@Suite struct EnrolmentTests {
    @Test(arguments: DatabaseKind.allCases)
    func aDeviceEnrols(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let token = try await fixture.makeToken(maximumUses: 2)
            let order = fixture.order(token: token, name: "cow-01")
            let outcome = try await fixture.store.enrol(order)
            guard case .enrolled(let device, let certificate, isNew: true, position: 1) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(device == order.device)
            #expect(certificate.generation == 1)
            let record = try #require(try await fixture.store.fetchDevice(device))
            #expect(record.name == "cow-01")
            #expect(record.revision == 1)
            #expect(record.certificates == [certificate.record])
            #expect(try await fixture.store.fetchEnrolmentTokens(limit: 10).map(\.uses) == [1])
            #expect(try await fixture.store.fetchAudit(limit: 10).map(\.action) == ["create-enrolment-token", "enrol-device"])
            let event = try #require(try await fixture.store.fetchEvents(device: device, afterPosition: 0, limit: 10).first)
            #expect(event.type == EventType.deviceEnrolled)
            #expect(event.parameters["name"] == .text("cow-01"))
        }
    }

    /// Interrupted anywhere and asked again: one device, one use, the same certificate; for 24 hours, even after the token's end.
    @Test(arguments: DatabaseKind.allCases)
    func theSameTokenAndKeyAgain(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let start = StoreFixture.start
            let key = Fingerprint.random()
            let token = try await fixture.makeToken(maximumUses: 1, expires: start + .minutes(1))
            let first = try await fixture.store.enrol(fixture.order(token: token, key: key))
            let again = try await fixture.store.enrol(fixture.order(token: token, key: key, now: start + .hours(23)))
            #expect(first.device != nil)
            #expect(again.device == first.device)
            #expect(again.certificate?.der == first.certificate?.der)
            #expect(again.position == nil)
            #expect(try await fixture.store.fetchEnrolmentTokens(limit: 1).map(\.uses) == [1])
            let late = try await fixture.store.enrol(fixture.order(token: token, key: key, now: start + .hours(25)))
            #expect(late == .refused(.tokenExpired))
            #expect(try await fixture.store.fetchDevices(after: nil, limit: 10).count == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func tokensThatAreNotGood(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            #expect(try await store.enrol(fixture.order(token: .random())) == .refused(.tokenUnknown))

            let token = try await fixture.makeToken(maximumUses: 1)
            #expect(try await store.enrol(fixture.order(token: token, hash: .test(8))) == .refused(.tokenUnknown))
            let tooLate = fixture.order(token: token, now: StoreFixture.start + .hours(1))
            #expect(try await store.enrol(tooLate) == .refused(.tokenExpired))

            let key = Fingerprint.random()
            _ = try await store.enrol(fixture.order(token: token, key: key))
            #expect(try await store.enrol(fixture.order(token: token)) == .refused(.tokenUsedUp))

            let principal = StoreFixture.administrator
            #expect(try await store.revokeEnrolmentToken(token, principal: principal, now: StoreFixture.start))
            #expect(try await store.revokeEnrolmentToken(token, principal: principal, now: StoreFixture.start) == false)
            #expect(try await store.enrol(fixture.order(token: token)) == .refused(.tokenRevoked))
            #expect(try await store.enrol(fixture.order(token: token, key: key)) == .refused(.tokenRevoked))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aCertificateThatCannotBeMadeLeavesNothing(_ kind: DatabaseKind) async throws {
        struct NoKey: Error {}
        try await StoreFixture.with(kind) { fixture in
            let token = try await fixture.makeToken()
            var order = fixture.order(token: token)
            order.make = { _ in throw NoKey() }
            let broken = order
            #expect(await code { _ = try await fixture.store.enrol(broken) } == .certificate)
            #expect(try await fixture.store.fetchAllDevices() == [])
            #expect(try await fixture.store.fetchEnrolmentTokens(limit: 1).map(\.uses) == [0])
        }
    }

    /// A key that is known is the same device, whichever valid token it shows; a deleted device comes back as a new one.
    @Test(arguments: DatabaseKind.allCases)
    func aKnownKeyWithAnotherToken(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let key = Fingerprint.random()
            let device = try await fixture.enrol(key: key)
            let second = try await fixture.store.enrol(fixture.order(token: try await fixture.makeToken(), key: key))
            #expect(second.device == device)
            let deleted = try await fixture.store.deleteDevice(
                device, principal: StoreFixture.administrator, now: StoreFixture.start)
            #expect(deleted != .noDevice)
            let third = try await fixture.store.enrol(fixture.order(token: try await fixture.makeToken(), key: key))
            let new = try #require(third.device)
            #expect(new != device)
            #expect(try await fixture.store.fetchDevices(after: nil, limit: 10).map(\.id) == [new])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func renewal(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let key = Fingerprint.random()
            let later = StoreFixture.start + .days(60)
            let renewed = try await store.addCertificate(
                device: device, publicKeyFingerprint: key, certificate: .test(now: later))
            #expect(renewed.generation == 2)
            let again = try await store.addCertificate(
                device: device, publicKeyFingerprint: key, certificate: .test(now: later + .days(1)))
            #expect(again.der == renewed.der)
            #expect(again.isNew == false)
            let muchLater = try await store.addCertificate(
                device: device, publicKeyFingerprint: key, certificate: .test(now: later + .days(80)))
            #expect(muchLater.generation == 3)

            try await store.markCertificateUsed(renewed.record.fingerprint)
            #expect(try await store.fetchDevice(device)?.certificates.map(\.used) == [false, true, false])
            let unknown = await code {
                _ = try await store.addCertificate(device: .random(), publicKeyFingerprint: key, certificate: .test())
            }
            #expect(unknown == .notFound)
        }
    }
}

extension EnrolmentOutcome {
    var device: DeviceID? {
        if case .enrolled(let device, _, _, _) = self { device } else { nil }
    }

    fileprivate var certificate: StoredCertificate? {
        if case .enrolled(_, let certificate, _, _) = self { certificate } else { nil }
    }

    fileprivate var position: Int64? {
        if case .enrolled(_, _, _, let position) = self { position } else { nil }
    }
}
