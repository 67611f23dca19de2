import MusterModel
import MusterStore
import Testing

@Suite struct RestorationTests {
    private static func order(_ device: DeviceID, refusal: CloseReason? = nil) -> RestorationOrder {
        RestorationOrder(
            device: device, publicKeyFingerprint: .random(), certificate: .test(now: StoreFixture.start + .days(30)),
            address: "192.0.2.7", now: StoreFixture.start + .days(40), refusal: { _ in refusal })
    }

    @Test(arguments: DatabaseKind.allCases)
    func itIsTheNewestAndUsed(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let order = Self.order(device)
            guard case .restored(let record, let position?) = try await fixture.store.restoreCertificate(order) else {
                Issue.record("not restored")
                return
            }
            #expect(record.generation == 2 && record.used && !record.revoked)
            #expect(try await fixture.store.fetchDevice(device)?.certificates.last == record)
            let event = try #require(try await fixture.store.fetchEvents(afterPosition: position - 1, limit: 2).first)
            #expect(event.type == EventType.certificateRestored && event.severity == .warning && event.device == device)
            #expect(event.parameters["certificate"] == .text("\(record.fingerprint)"))
            #expect(event.parameters["generation"] == .integer(2))
            #expect(event.parameters["notBefore"] == .time(record.notBefore))
            #expect(event.parameters["address"] == .text("192.0.2.7"))
            #expect(try await fixture.store.fetchAudit(limit: 10).map(\.action).contains("restore-certificate"))
            // Another connection of the device, a moment later.
            #expect(try await fixture.store.restoreCertificate(order) == .restored(record, position: nil))
            #expect(try await fixture.store.fetchEvents(afterPosition: position, limit: 2) == [])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theRuleSeesWhatIsStored(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let known = try await fixture.store.fetchDevice(device)?.certificates
            var order = Self.order(device)
            order.refusal = { $0 == known ? .certificateSuperseded : nil }
            #expect(try await fixture.store.restoreCertificate(order) == .refused(.certificateSuperseded))
            #expect(try await fixture.store.fetchDevice(device)?.certificates == known)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func noneOfADeviceThatIsNotThere(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            #expect(try await fixture.store.restoreCertificate(Self.order(.random())) == .refused(.unknownCertificate))
            let device = try await fixture.enrol()
            _ = try await fixture.store.deleteDevice(
                device, principal: StoreFixture.administrator, now: StoreFixture.start)
            #expect(try await fixture.store.restoreCertificate(Self.order(device)) == .refused(.deviceDeleted))
        }
    }
}
