import MusterModel
import MusterStore
import Testing

@Suite struct PlacementTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    @Test(arguments: DatabaseKind.allCases)
    func devicesArePlacedByHandAndGivenBackToTheRules(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let (a, b) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            #expect(try await store.fetchDevice(a)?.placement == .automatic)
            let placed = try await store.setPlacement(
                of: [a, b, a, .random()], to: .fixed(group), principal: principal, now: now)
            #expect(placed == EditedDevices(revisions: [a: 2, b: 2], changed: [a, b]))
            #expect(try await store.fetchAllDevices().map(\.placement) == [.fixed(group), .fixed(group)])
            let again = try await store.setPlacement(
                of: [a], to: .fixed(group), expectedRevision: 2, principal: principal, now: now)
            #expect(again == EditedDevices(revisions: [a: 2]), "nothing changed")
            let none = try await store.setPlacement(
                of: [a], to: .fixed(nil), expectedRevision: 2, principal: principal, now: now)
            #expect(none == EditedDevices(revisions: [a: 3], changed: [a]))
            #expect(try await store.fetchDevice(a)?.placement == .fixed(nil))
            _ = try await store.setPlacement(of: [b], to: .automatic, principal: principal, now: now)
            #expect(try await store.fetchDevice(b)?.placement == .automatic)
            let audit = try await store.fetchAudit(limit: 20).filter { $0.action == "place-device" }
            #expect(audit.count == 4)
            #expect(audit.last?.parameters == ["group": .text("automatic"), "name": .text("b")])
            #expect(audit.first?.parameters["groupName"] == .text("Office"))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRefusedPlacementChangesNone(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let (a, b) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            _ = try await store.setPlacement(of: [b], to: .fixed(nil), principal: principal, now: now)
            let stale = await code {
                _ = try await store.setPlacement(
                    of: [a, b], to: .fixed(group), expectedRevision: 1, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            let nowhere = await code {
                _ = try await store.setPlacement(of: [a], to: .fixed(.random()), principal: principal, now: now)
            }
            #expect(nowhere == .refused)
            #expect(try await store.fetchAllDevices().map(\.placement) == [.automatic, .fixed(nil)])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func tagsComeAndGo(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (a, b) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            let tagged = try await store.changeTags(of: [a, b], adding: ["web", "księgowość"], principal: principal, now: now)
            #expect(tagged == EditedDevices(revisions: [a: 2, b: 2], changed: [a, b]))
            let less = try await store.changeTags(
                of: [a, b], adding: ["web"], removing: ["web", "księgowość", "never"], expectedRevision: 2,
                principal: principal, now: now)
            #expect(less == EditedDevices(revisions: [a: 3, b: 3], changed: [a, b]))
            #expect(try await store.fetchAllDevices().map(\.tags) == [["web"], ["web"]])
            #expect(try await store.changeTags(of: [a], adding: ["web"], principal: principal, now: now).changed == [])
            let audit = try #require(try await store.fetchAudit(limit: 20).last)
            #expect(audit.action == "tag-device")
            #expect(audit.parameters["removed"] == .text("księgowość, never"))
            let stale = await code {
                _ = try await store.changeTags(of: [a], adding: ["x"], expectedRevision: 1, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            _ = try await store.deleteDevice(a, principal: principal, now: now)
            #expect(try await store.changeTags(of: [a], adding: ["x"], principal: principal, now: now) == EditedDevices())
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDeviceHasSoManyTagsAndNoMore(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let many = Set((0..<DeviceTag.maximumCount).map { "tag-\($0)" })
            _ = try await store.changeTags(of: [device], adding: many, principal: principal, now: now)
            let more = await code {
                _ = try await store.changeTags(of: [device], adding: ["one-more"], principal: principal, now: now)
            }
            #expect(more == .refused)
            for word in ["a,b", "", String(repeating: "x", count: 65)] {
                let bad = await code {
                    _ = try await store.changeTags(of: [device], adding: [word], principal: principal, now: now)
                }
                #expect(bad == .refused, "\(word)")
            }
            #expect(Set(try #require(try await store.fetchDevice(device)).tags) == many)
            let instead = try await store.changeTags(
                of: [device], adding: ["one-more"], removing: ["tag-0"], principal: principal, now: now)
            #expect(instead == EditedDevices(revisions: [device: 3], changed: [device]))
        }
    }

    /// The start of a server reads them all in one call, and a group of any size is moved in one.
    @Test(arguments: DatabaseKind.allCases)
    func aHundredThousandDevicesAreOneCall(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Everything")
            let ids = (0..<100_000).map { _ in DeviceID.random() }
            try await fixture.insert(ids)
            let before = store.callCount
            let revisions = try await store.setPlacement(
                of: Array(ids.prefix(10_000)), to: .fixed(group), principal: principal, now: now)
            #expect(revisions.changed.count == 10_000)
            let all = try await store.fetchAllDevices()
            #expect(store.callCount - before == 2)
            #expect(all.count == 100_000)
            #expect(all.count { $0.placement == .fixed(group) } == 10_000)
        }
    }
}

extension StoreFixture {
    /// Devices without certificates, in few statements.
    func insert(_ ids: [DeviceID]) async throws {
        try await store.write { connection throws(StoreError) in
            for start in stride(from: 0, to: ids.count, by: 250) {
                let piece = ids[start..<min(start + 250, ids.count)]
                let rows = piece.indices.map { "($\($0 - start + 1), 'd', 1, 0, 0)" }.joined(separator: ", ")
                try connection.run(
                    "INSERT INTO device (id, name, revision, created, last_session) VALUES \(rows)",
                    piece.map { .bytes($0.bytes) })
            }
        }
    }
}
