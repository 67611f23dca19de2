import MusterModel
import MusterStore
import Testing

@Suite struct DeviceTests {
    @Test(arguments: DatabaseKind.allCases)
    func pagesGoByName(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            for name in ["c", "a", "b", "a", "d"] { _ = try await fixture.enrol(name) }
            var names: [String] = []
            var cursor: DeviceCursor?
            repeat {
                let page = try await fixture.store.fetchDevices(after: cursor, limit: 2)
                names += page.map(\.name)
                cursor = page.last?.cursor
                if let cursor { #expect(DeviceCursor("\(cursor)") == cursor) }
            } while cursor != nil
            #expect(names == ["a", "a", "b", "c", "d"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func renaming(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("old")
            let principal = StoreFixture.administrator
            let now = StoreFixture.start
            let revision = try await store.renameDevice(
                device, name: "new", expectedRevision: 1, principal: principal, now: now)
            #expect(revision == 2)
            let stale = await code {
                try await store.renameDevice(device, name: "x", expectedRevision: 1, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            let missing = await code {
                try await store.renameDevice(.random(), name: "x", expectedRevision: nil, principal: principal, now: now)
            }
            #expect(missing == .notFound)
            #expect(try await store.fetchDevice(device)?.name == "new")
            let audit = try await store.fetchAudit(limit: 10).last
            #expect(audit?.action == "rename-device")
            #expect(audit?.principal == principal)
            #expect(audit?.parameters == ["from": .text("old"), "to": .text("new")])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRevokedDeviceStaysWithoutWhatServingItTakes(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            try await fixture.report(device, .whole([InstalledApplication(source: "dpkg", name: "bash", version: "5.2")]))
            let (principal, now) = (StoreFixture.administrator, StoreFixture.start)
            _ = try await store.setPermanentConnection(device, to: true, expectedRevision: nil, principal: principal, now: now)
            let before = try await store.fetchEvents(device: device, afterPosition: 0, limit: 10).count
            let told = try #require(try await store.revokeDevice(device, principal: principal, now: now).position)
            let event = try #require(try await store.fetchEvents(device: device, afterPosition: told - 1, limit: 10).first)
            #expect(event.position == told && event.type == EventType.deviceRevoked && event.severity == .warning)
            let revoked = try #require(try await store.fetchDevice(device))
            #expect(revoked.certificates.map(\.revoked) == [true] && revoked.permanentSince == nil)
            #expect(try await store.fetchPermanentConnectionCount().ticked == 0)
            #expect(try await store.fetchInstalled(device: device, after: nil, limit: 10).count == 1)
            #expect(try await store.revokeDevice(device, principal: principal, now: now) == .unchanged, "once more")
            #expect(try await store.fetchEvents(device: device, afterPosition: 0, limit: 10).count == before + 1)
            #expect(try await store.fetchDevice(device)?.revision == revoked.revision)
            #expect(try await store.revokeDevice(DeviceID.random(), principal: principal, now: now) == .noDevice)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDeletedDeviceLeavesATombstone(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            try await fixture.report(device, .whole([InstalledApplication(source: "dpkg", name: "bash", version: "5.2")]))
            _ = try await store.storeEvents(
                device: device, epoch: 1, expectedLast: 0, events: [.test(1)], newPlace: .test(1), received: StoreFixture.start)
            let principal = StoreFixture.administrator
            let told = try await store.deleteDevice(device, principal: principal, now: StoreFixture.start).position
            #expect(try await store.deleteDevice(device, principal: principal, now: StoreFixture.start) == .noDevice)

            #expect(try await store.fetchDevice(device) == nil)
            #expect(try await store.fetchDevices(after: nil, limit: 10) == [])
            #expect(try await store.fetchInstalled(device: nil, after: nil, limit: 10) == [])
            let events = try await store.fetchEvents(device: device, afterPosition: 0, limit: 10)
            #expect(events.count == 3 && events.last?.type == EventType.deviceDeleted && events.last?.position == told)
            let tombstone = try #require(try await store.fetchAllDevices().first)
            #expect(tombstone.deleted == StoreFixture.start)
            #expect(tombstone.certificates.map(\.revoked) == [true])
            #expect(try await fixture.report(device, .whole([])) == false)
            let late = await code {
                _ = try await store.storeEvents(
                    device: device, epoch: 1, expectedLast: 0, events: [.test(1)], newPlace: .test(1),
                    received: StoreFixture.start)
            }
            #expect(late == .notFound)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func livenessIsWrittenInOneGo(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            var devices: [DeviceID] = []
            for number in 0..<70 { devices.append(try await fixture.enrol("d\(number)")) }
            let now = StoreFixture.start
            #expect(try await store.fetchLastAlive() == nil)
            try await store.flushLiveness(
                devices.map {
                    LivenessRow(
                        device: $0, session: 7, lastConnection: now, lastSynchronization: now,
                        nextSynchronization: now + .minutes(15),
                        address: "192.0.2.7", runID: .max)
                }, now: now)
            try await store.flushLiveness(
                [
                    LivenessRow(device: devices[3], session: 5, lastConnection: now + .seconds(9)),
                    LivenessRow(device: .random(), session: 5, lastConnection: now),
                ], now: now + .seconds(10))
            #expect(try await store.fetchLastAlive() == now + .seconds(10))
            var sick = LivenessRow(device: devices[5], session: 7, lastConnection: now)
            sick.status = StatusCourse(.critical, since: now, before: .warning)
            sick.measures = StatusMeasures(diskFreePercent: 2, clockOffset: .seconds(-90))
            try await store.flushLiveness([sick], now: now + .seconds(10))
            try await store.flushLiveness(
                [LivenessRow(device: devices[5], session: 7, lastConnection: now)], now: now + .seconds(10))
            let shown = try await store.fetchDevice(devices[5])
            #expect(shown?.status == sick.status && shown?.measures == sick.measures)
            let records = try await store.fetchAllDevices()
            #expect(records.count == 70)
            #expect(records.allSatisfy { $0.lastSession == 7 && $0.lastSynchronization == now && $0.runID == .max })
            #expect(records.allSatisfy { $0.nextSynchronization == now + .minutes(15) && $0.lastAddress == "192.0.2.7" })
            #expect(records.first { $0.id == devices[3] }?.lastConnection == now + .seconds(9))
            #expect(records.first { $0.id == devices[4] }?.lastConnection == now)
        }
    }
}

extension ToldChange {
    /// Of the event; nil when nothing was changed.
    var position: Int64? { if case .changed(let position) = self { position } else { nil } }
}
