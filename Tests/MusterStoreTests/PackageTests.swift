import MusterModel
import MusterStore
import Testing

@Suite struct PackageTests {
    private static let start = StoreFixture.start
    private static let principal = StoreFixture.administrator

    private func settings() throws -> PackageSettings {
        let interval = try #require(SyncInterval(checking: .minutes(5)))
        return PackageSettings(
            servers: [try #require(ServerAddress("muster.example.com")), try #require(ServerAddress("[2001:db8::1]:443"))],
            udpPort: 13_001, proxy: ProxyAddress("http://user:p%20w@proxy.example.com:8080"),
            own: DeviceSettings(syncInterval: interval, listens: true, requestPort: 15_001, opensFirewall: false),
            permanentConnection: true, tokenLife: .days(3), tokenUses: 7)
    }

    private func package(_ name: String, _ settings: PackageSettings) -> PackageRecord {
        PackageRecord(id: .random(), name: name, created: Self.start, changed: Self.start, settings: settings)
    }

    private func download(_ package: PackageRecord, _ fixture: StoreFixture, hash: Fingerprint = .test(7)) async throws
        -> EnrolmentTokenID
    {
        let token = EnrolmentTokenID.random()
        try await fixture.store.recordDownload(
            of: package, token: token, secretHash: hash, principal: Self.principal, now: Self.start)
        return token
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatIsMadeIsReadAgain(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let full = package("office", try settings())
            let plain = package("branch", PackageSettings(servers: full.settings.servers))
            try await store.createPackage(full, principal: Self.principal)
            try await store.createPackage(plain, principal: Self.principal)
            #expect(try await store.fetchPackage(full.id) == full)
            #expect(try await store.fetchPackage(.random()) == nil)
            #expect(try await store.fetchPackages(limit: 10) == [plain, full])
            #expect(try await store.fetchPackages(after: plain.cursor, limit: 10) == [full])
            #expect(PackageCursor(plain.cursor.description) == plain.cursor)
            let same = package("office", plain.settings)
            #expect(await code { try await store.createPackage(same, principal: Self.principal) } == .conflict)
            #expect(try await store.fetchAudit(limit: 10).map(\.action) == ["create-package", "create-package"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aChangeCountsRevisions(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let old = package("office", try settings())
            try await store.createPackage(old, principal: Self.principal)
            try await store.createPackage(package("branch", old.settings), principal: Self.principal)
            let later = Self.start + .minutes(1)
            let new = try await store.editPackage(
                old.id, expectedRevision: 1, principal: Self.principal, now: later
            ) { package in
                package.name = "head office"
                package.settings.own = DeviceSettings(requestPort: 15_002)
                package.settings.proxy = nil
            }
            #expect(new.revision == 2 && new.changed == later && new.created == Self.start)
            #expect(try await store.fetchPackage(old.id) == new)
            let unchanged = try await store.editPackage(old.id, expectedRevision: nil, principal: Self.principal, now: later) {
                _ in
            }
            #expect(unchanged == new)
            let stale = await code {
                _ = try await store.editPackage(old.id, expectedRevision: 1, principal: Self.principal, now: later) {
                    $0.name = "x"
                }
            }
            #expect(stale == .conflict)
            let taken = await code {
                _ = try await store.editPackage(old.id, expectedRevision: nil, principal: Self.principal, now: later) {
                    $0.name = "branch"
                }
            }
            #expect(taken == .conflict)
            let unknown = await code {
                _ = try await store.editPackage(.random(), expectedRevision: nil, principal: Self.principal, now: later) { _ in }
            }
            #expect(unknown == .notFound)
        }
    }

    /// A device that enrols by a package has what the package said when it was downloaded, whatever it says by now.
    @Test(arguments: DatabaseKind.allCases)
    func aDeviceTakesWhatTheDownloadSaid(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let office = package("office", try settings())
            try await store.createPackage(office, principal: Self.principal)
            let token = try await download(office, fixture)
            _ = try await store.editPackage(office.id, expectedRevision: nil, principal: Self.principal, now: Self.start) {
                $0.settings.own = .none
                $0.settings.permanentConnection = false
            }
            let key = Fingerprint.random()
            let outcome = try await store.enrol(fixture.order(token: token, key: key, name: "pc-1"))
            let device = try #require(outcome.device)
            let record = try #require(try await store.fetchDevice(device))
            #expect(record.own == office.settings.own)
            #expect(record.permanentSince == Self.start)
            let event = try #require(try await store.fetchEvents(device: device, afterPosition: 0, limit: 10).first)
            #expect(event.parameters["package"] == .text("office"))
            #expect(try await store.enrol(fixture.order(token: token, key: key, name: "pc-1")).device == device)

            let later = try await download(try #require(try await store.fetchPackage(office.id)), fixture)
            let second = try #require(try await store.enrol(fixture.order(token: later, name: "pc-2")).device)
            let plain = try #require(try await store.fetchDevice(second))
            #expect(plain.own == .none)
            #expect(plain.permanentSince == nil)

            let found = try #require(try await store.fetchPackage(office.id))
            #expect(found.downloads == 2)
            #expect(found.devices == 2)
            let page = try await store.fetchDevices(of: office.id, limit: 1)
            let rest = try await store.fetchDevices(of: office.id, after: try #require(page.first?.cursor), limit: 5)
            #expect(Set((page + rest).map(\.name)) == ["pc-1", "pc-2"])
            #expect(PackageDeviceCursor("\(try #require(page.first?.cursor))") == page.first?.cursor)
            #expect(try await store.deleteDevice(device, principal: Self.principal, now: Self.start) != .noDevice)
            #expect(try await store.fetchPackage(office.id)?.devices == 1)
            #expect(try await store.fetchDevices(of: office.id, limit: 5).map(\.device) == [second])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aTokenHasThePackagesLifeAndUses(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            var settings = try settings()
            settings.tokenUses = 1
            settings.permanentConnection = false
            let office = package("office", settings)
            try await fixture.store.createPackage(office, principal: Self.principal)
            let token = try await download(office, fixture)
            let listed = try #require(try await fixture.store.fetchEnrolmentTokens(limit: 5).first)
            #expect(listed.name == "office" && listed.maximumUses == 1 && listed.expires == Self.start + .days(3))
            let late = fixture.order(token: token, now: Self.start + .days(3))
            #expect(try await fixture.store.enrol(late) == .refused(.tokenExpired))
            #expect(try await fixture.store.enrol(fixture.order(token: token)).device != nil)
            #expect(try await fixture.store.enrol(fixture.order(token: token)) == .refused(.tokenUsedUp))
        }
    }

    /// Past the limit the device is taken in all the same, goes without, and an event says so.
    @Test(arguments: DatabaseKind.allCases)
    func pastTheLimitADeviceGoesWithoutPermanentConnection(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            _ = try await store.setPermanentConnectionLimit(
                1, expectedRevision: nil, principal: Self.principal, now: Self.start)
            let office = package("office", try settings())
            try await store.createPackage(office, principal: Self.principal)
            let token = try await download(office, fixture)
            let first = try #require(try await store.enrol(fixture.order(token: token)).device)
            let second = try #require(try await store.enrol(fixture.order(token: token)).device)
            #expect(try await store.fetchDevice(first)?.permanentSince != nil)
            #expect(try await store.fetchDevice(second)?.permanentSince == nil)
            #expect(try await store.fetchDevice(second)?.own == office.settings.own)
            let events = try await store.fetchEvents(device: second, afterPosition: 0, limit: 10).map(\.type)
            #expect(events == [EventType.deviceEnrolled, EventType.permanentConnectionRefused])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDeletedPackageEnrolsNobody(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let office = package("office", try settings())
            try await store.createPackage(office, principal: Self.principal)
            let token = try await download(office, fixture)
            #expect(try await store.deletePackage(office.id, principal: Self.principal, now: Self.start))
            #expect(try await store.deletePackage(office.id, principal: Self.principal, now: Self.start) == false)
            #expect(try await store.fetchPackages(limit: 5) == [])
            #expect(try await store.enrol(fixture.order(token: token)) == .refused(.tokenRevoked))
            #expect(await code { _ = try await download(office, fixture) } == .notFound)
            // Its name is free again.
            try await store.createPackage(package("office", office.settings), principal: Self.principal)
        }
    }
}
