import MusterModel
import MusterStore
import Testing

/// Where devices come that enrol by a token or a package.
@Suite struct EnrolmentTargetTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    private func token(
        _ target: EnrolmentTarget, permanent: Bool = false, in fixture: StoreFixture
    ) async throws -> EnrolmentTokenRecord {
        let token = EnrolmentTokenRecord(
            id: .random(), name: "t", created: now, expires: now + .hours(1), maximumUses: nil, target: target,
            permanentConnection: permanent)
        try await fixture.store.createEnrolmentToken(token, secretHash: .test(7), principal: principal)
        return token
    }

    private func enrol(by token: EnrolmentTokenID, in fixture: StoreFixture) async throws -> DeviceRecord {
        let outcome = try await fixture.store.enrol(fixture.order(token: token, name: "pc"))
        let device = try #require(outcome.device)
        return try #require(try await fixture.store.fetchDevice(device))
    }

    @Test(arguments: DatabaseKind.allCases)
    func aTokenPlacesAndTags(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let group = try await fixture.makeGroup("Office")
            let target = EnrolmentTarget(group: group, tags: ["web", "new"])
            let token = try await token(target, permanent: true, in: fixture)
            #expect(try await fixture.store.fetchEnrolmentTokens(limit: 5) == [token])
            let device = try await enrol(by: token.id, in: fixture)
            #expect(device.placement == .fixed(group) && !device.awaitsApproval)
            #expect(device.tags == ["new", "web"] && device.permanentSince == now && device.revision == 1)
            let plain = try await self.token(.none, in: fixture)
            let other = try await enrol(by: plain.id, in: fixture)
            #expect(other.placement == .automatic && other.tags == [] && other.permanentSince == nil)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDeviceWaitsInUnassignedForApproval(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let placing = try await token(EnrolmentTarget(group: group, needsApproval: true), in: fixture)
            let asking = try await token(EnrolmentTarget(needsApproval: true), in: fixture)
            let (a, b) = (try await enrol(by: placing.id, in: fixture), try await enrol(by: asking.id, in: fixture))
            let c = try await enrol(by: asking.id, in: fixture)
            #expect([a, b, c].allSatisfy { $0.awaitsApproval && $0.placement == .fixed(nil) })
            let stale = await code {
                _ = try await store.approveDevices([a.id], expectedRevision: 2, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            let approved = try await store.approveDevices([a.id, b.id, .random()], principal: principal, now: now)
            #expect(approved == EditedDevices(revisions: [a.id: 2, b.id: 2], changed: [a.id, b.id]))
            let again = try await store.approveDevices([a.id], principal: principal, now: now)
            #expect(again == EditedDevices(revisions: [a.id: 2]), "once is enough")
            #expect(try await store.fetchDevice(a.id)?.placement == .fixed(group))
            #expect(try await store.fetchDevice(b.id)?.placement == .automatic)
            // Whoever places it by hand approves of it.
            _ = try await store.setPlacement(of: [c.id], to: .automatic, principal: principal, now: now)
            let placed = try #require(try await store.fetchDevice(c.id))
            #expect(!placed.awaitsApproval && placed.placement == .automatic)
            let actions = try await store.fetchAudit(limit: 50).map(\.action)
            #expect(actions.count { $0 == "approve-device" } == 2)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aPackagesTargetIsThatOfItsDownload(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let server = try #require(ServerAddress("muster.example.com"))
            let target = EnrolmentTarget(group: group, tags: ["office"], needsApproval: true)
            let package = PackageRecord(
                id: .random(), name: "office", created: now, changed: now,
                settings: PackageSettings(servers: [server], target: target))
            try await store.createPackage(package, principal: principal)
            #expect(try await store.fetchPackage(package.id) == package)
            let token = EnrolmentTokenID.random()
            try await store.recordDownload(of: package, token: token, secretHash: .test(7), principal: principal, now: now)
            let later = try await store.editPackage(package.id, expectedRevision: 1, principal: principal, now: now) {
                $0.settings.target = .none
            }
            #expect(try await store.fetchPackage(package.id) == later)
            let device = try await enrol(by: token, in: fixture)
            #expect(device.awaitsApproval && device.tags == ["office"])
            _ = try await store.approveDevices([device.id], principal: principal, now: now)
            #expect(try await store.fetchDevice(device.id)?.placement == .fixed(group))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatIsNoTargetIsRefused(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let server = try #require(ServerAddress("muster.example.com"))
            for target in [EnrolmentTarget(group: .random()), EnrolmentTarget(tags: ["a,b"])] {
                #expect(await code { _ = try await token(target, in: fixture) } == .refused)
                let package = PackageRecord(
                    id: .random(), name: "p", created: now, changed: now,
                    settings: PackageSettings(servers: [server], target: target))
                #expect(await code { try await fixture.store.createPackage(package, principal: principal) } == .refused)
            }
            let packages = try await fixture.store.fetchPackages(limit: 5)
            #expect(packages == [])
        }
    }

    /// A token or a package that is still good keeps its target group until it is told otherwise; one that is over does not.
    @Test(arguments: DatabaseKind.allCases)
    func aGroupGoesWhenItsTokensMayLoseIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let token = try await token(EnrolmentTarget(group: group), in: fixture)
            let server = try #require(ServerAddress("muster.example.com"))
            let package = PackageRecord(
                id: .random(), name: "office", created: now, changed: now,
                settings: PackageSettings(servers: [server], target: EnrolmentTarget(group: group)))
            try await store.createPackage(package, principal: principal)
            let kept = try await store.deleteGroup(group, expectedRevision: nil, principal: principal, now: now)
            #expect(kept == .inUse(GroupUse(tokens: 1, packages: 1)))
            let later = try await store.deleteGroup(group, expectedRevision: nil, principal: principal, now: now + .hours(1))
            #expect(later == .inUse(GroupUse(packages: 1)), "the token has expired")
            let gone = try await store.deleteGroup(
                group, GroupDeletion(targets: true), expectedRevision: nil, principal: principal, now: now)
            #expect(gone == .deleted(devices: [], policies: [], rules: [], position: nil))
            #expect(try await store.fetchPackage(package.id)?.settings.target == EnrolmentTarget.none)
            #expect(try await enrol(by: token.id, in: fixture).placement == .automatic)
        }
    }

    /// Moving what a deleted group leaves behind approves of nobody.
    @Test(arguments: DatabaseKind.allCases)
    func aDeviceThatWaitsGoesOnWaitingForItsNewPlace(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (old, new) = (try await fixture.makeGroup("Old"), try await fixture.makeGroup("New"))
            let token = try await token(EnrolmentTarget(group: old, needsApproval: true), in: fixture)
            let device = try await enrol(by: token.id, in: fixture).id
            let gone = try await store.deleteGroup(
                old, GroupDeletion(devices: .moveTo(new), targets: true), expectedRevision: nil, principal: principal, now: now)
            #expect(gone == .deleted(devices: [device], policies: [], rules: [], position: nil))
            let waiting = try #require(try await store.fetchDevice(device))
            #expect(waiting.awaitsApproval && waiting.placement == .fixed(nil))
            _ = try await store.approveDevices([device], principal: principal, now: now)
            #expect(try await store.fetchDevice(device)?.placement == .fixed(new))
        }
    }
}
