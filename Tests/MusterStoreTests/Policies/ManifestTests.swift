import MusterModel
import MusterStore
import Testing

/// Manifests of applications that are not built in.
@Suite struct ManifestTests {
    private func manifest(_ version: String, _ body: String = "a", of application: String = "web") throws -> ReportedManifest {
        ReportedManifest(
            application: try #require(ApplicationID(application)), version: version,
            digest: Digest(truncating: Array("\(application)\(version)\(body)................".utf8)), body: Array(body.utf8))
    }

    private func report(
        _ manifests: [ReportedManifest], of device: DeviceID, session: Int64 = 10, to fixture: StoreFixture,
        now: Timestamp = StoreFixture.start
    ) async throws -> ManifestIntake? {
        let document = ReportedDocument(device: device, session: session, name: .manifests, digest: .random(), body: [1])
        return try await fixture.store.storeManifests(manifests, document, now: now)
    }

    @Test(arguments: DatabaseKind.allCases)
    func oneThatNobodyKnewWaitsAndAnEventSaysSoOnce(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let (one, other) = (try await fixture.enrol(), try await fixture.enrol())
            let web = try manifest("1.0")
            #expect(try await report([web], of: one, to: fixture)?.count == 1)
            #expect(try await report([web], of: one, to: fixture)?.count == 0)
            #expect(try await report([web], of: other, to: fixture)?.count == 0)
            let record = try #require(try await fixture.store.fetchManifests().first)
            #expect((record.digest, record.version, record.body) == (web.digest, "1.0", Array("a".utf8)))
            #expect((record.device, record.decision, record.devices) == (one, .none, 2))
            #expect(try await fixture.store.fetchAcceptedManifests().isEmpty)
            #expect(
                try await fixture.store.fetchAllDeviceManifests()
                    == [one: [web.application: web.digest], other: [web.application: web.digest]])
            let events = try await fixture.store.fetchEvents(afterPosition: 0, limit: 100).map(\.type)
            #expect(events.filter { $0 == EventType.connectorManifestNew }.count == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatIsDecidedIsKeptAndAudited(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let (old, new) = (try manifest("1.0"), try manifest("1.0", "b"))
            _ = try await report([old], of: device, to: fixture)
            _ = try await report([new], of: device, to: fixture)
            func decide(_ manifest: ReportedManifest, _ isAccepted: Bool, after seconds: Int) async throws -> ManifestRecord {
                try await fixture.store.decideManifest(
                    manifest.digest, isAccepted: isAccepted, principal: .system, now: StoreFixture.start + .seconds(seconds))
            }
            #expect(try await decide(new, true, after: 1).decision == .accepted)
            #expect(try await decide(old, true, after: 2).decided == StoreFixture.start + .seconds(2))
            #expect(try await fixture.store.fetchAcceptedManifests().map(\.digest) == [new.digest, old.digest])
            // Said once more it is no change.
            #expect(try await decide(new, true, after: 3).decided == StoreFixture.start + .seconds(1))
            #expect(try await decide(old, false, after: 4).decision == .rejected)
            // Of a device, that of the one it has now.
            #expect(try await fixture.store.fetchManifestDecisions(of: device) == [new.application: .accepted])
            _ = try await report([old], of: device, session: 11, to: fixture)
            #expect(try await fixture.store.fetchManifestDecisions(of: device) == [old.application: .rejected])
            #expect(try await fixture.store.fetchManifestDecisions(of: .random()).isEmpty)
            #expect(try await fixture.store.fetchAcceptedManifests().map(\.digest) == [new.digest])
            let audit = try await fixture.store.fetchAudit(limit: 100).map(\.action)
            #expect(audit.filter { $0.hasSuffix("-manifest") } == ["accept-manifest", "accept-manifest", "reject-manifest"])
            await #expect(throws: StoreError.self) {
                try await fixture.store.decideManifest(
                    .random(), isAccepted: true, principal: .system, now: StoreFixture.start)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func anEarlierSessionStoresNoneAndOneThatIsGoneIsForgotten(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            _ = try await report([try manifest("1.0"), try manifest("1.0", of: "mail")], of: device, to: fixture)
            #expect(try await report([], of: device, session: 9, to: fixture) == nil)
            #expect(try await fixture.store.fetchAllDeviceManifests()[device]?.count == 2)
            _ = try await report([try manifest("1.0")], of: device, session: 11, to: fixture)
            #expect(try await fixture.store.fetchAllDeviceManifests()[device]?.keys.map(\.description) == ["web"])
        }
    }

    /// 32 of one device that nobody decided on, 200 of all.
    @Test(arguments: DatabaseKind.allCases)
    func aDeviceCannotFillTheListOfThoseThatWait(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let (hostile, other) = (try await fixture.enrol(), try await fixture.enrol())
            for number in 0..<40 { _ = try await report([try manifest("1.\(number)")], of: hostile, to: fixture) }
            #expect(try await fixture.store.fetchManifests().count == 32)
            #expect(try await report([try manifest("2.0", of: "mail")], of: other, to: fixture)?.count == 1)
            let first = try #require(try await fixture.store.fetchManifests().first { $0.device == hostile })
            _ = try await fixture.store.decideManifest(
                first.digest, isAccepted: false, principal: .system, now: StoreFixture.start)
            #expect(try await report([try manifest("3.0")], of: hostile, to: fixture)?.count == 1)
        }
    }
}
