import MusterModel
import MusterStore
import Testing

/// The history of connections, and why devices are away.
@Suite struct ConnectionTests {
    private static let start = StoreFixture.start

    private func record(
        _ number: Int64, _ device: DeviceID, refused: Bool = false, closed: Timestamp? = start, reason: CloseReason? = .done
    ) -> ConnectionRecord {
        ConnectionRecord(
            number: number, device: device, isRefusal: refused, opened: Self.start - .hours(1), closed: closed,
            address: "192.0.2.7", hello: "interval", reason: reason, text: "x", documents: 1, events: 2)
    }

    @Test(arguments: DatabaseKind.allCases)
    func entriesComeBackAsTheyWereNewestFirst(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (device, other) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            #expect(try await store.fetchLastConnectionNumber() == 0)
            var records = (1...70).map { record($0, $0 % 2 == 0 ? device : other) }
            records[1].closed = nil
            records[1].reason = nil
            try await store.flushLiveness([], connections: records, now: Self.start)
            #expect(try await store.fetchLastConnectionNumber() == 70)
            let mine = records.filter { $0.device == device }.reversed()
            let first = try await store.fetchConnections(of: device, before: nil, limit: 20)
            let rest = try await store.fetchConnections(of: device, before: first.last?.number, limit: 20)
            #expect(first + rest == Array(mine))
            var changed = records[1]
            changed.count = 5
            changed.closed = Self.start + .seconds(9)
            changed.reason = .closedByPeer
            changed.text = String(repeating: "é", count: 300)
            changed.address = "2001:db8::1"
            changed.events = 50
            try await store.flushLiveness([], connections: [changed], now: Self.start)
            let stored = try #require(try await store.fetchConnections(of: device, before: 3, limit: 20).first)
            changed.text = String(repeating: "é", count: 100)
            #expect(stored == changed)
            #expect(try await store.fetchConnections(of: .random(), before: nil, limit: 20).isEmpty)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theLastRefusalOfEach(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let devices = [try await fixture.enrol("a"), try await fixture.enrol("b"), try await fixture.enrol("c")]
            let records = [
                record(1, devices[0], refused: true, reason: .deviceRevoked), record(2, devices[1]),
                record(3, devices[0], refused: true, reason: .certificateExpired), record(4, devices[0]),
                record(5, devices[2], refused: true, reason: .certificateSuperseded),
            ]
            try await store.flushLiveness([], connections: records, now: Self.start)
            let found = try await store.fetchLastRefusals(of: [devices[0], devices[1]])
            #expect(found == [devices[0]: records[2]])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatWasOpenWhenTheServerCrashedEndedThen(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            try await store.flushLiveness(
                [], connections: [record(1, device), record(2, device, closed: nil, reason: nil)], now: Self.start)
            let alive = Self.start + .seconds(50)
            #expect(try await store.closeLostConnections(lastAlive: alive) == 1)
            let found = try await store.fetchConnections(of: device, before: nil, limit: 9)
            #expect(found.map(\.reason) == [.serverCrashed, .done])
            #expect(found.map(\.closed) == [alive, Self.start])
            #expect(try await store.closeLostConnections(lastAlive: alive) == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theOldAndThoseTooManyAreDeleted(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (device, other) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            var records = (1...30).map { record($0, device, closed: Self.start + .minutes($0)) }
            records[0].closed = nil
            records += (31...35).map { record($0, other, closed: Self.start) }
            try await store.flushLiveness([], connections: records, now: Self.start)
            #expect(try await store.deleteOldConnections(closedBefore: Self.start + .minutes(10)) == 8 + 5)
            #expect(try await store.deleteOldConnections(closedBefore: Self.start + .minutes(10)) == 0)
            let left = try await store.fetchConnections(of: device, before: nil, limit: 99).map(\.number)
            #expect(left == Array((10...30).reversed()) + [1], "what is open stays, and holds nothing up")
            #expect(try await store.deleteSurplusConnections(of: [device, other], keeping: 5) == 17)
            #expect(try await store.deleteSurplusConnections(of: [device], keeping: 5) == 0)
            #expect(
                try await store.fetchConnections(of: device, before: nil, limit: 99).map(\.number) == [30, 29, 28, 27, 26])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whyADeviceIsAwayIsKept(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let now = Self.start
            var absences: [DevicePresence.Absence?] = AbsenceNotice.Kind.allCases.map {
                .notice(AbsenceNotice(kind: $0, time: now + .seconds(3)))
            }
            absences += [.refused(.certificateExpired, since: now + .seconds(4)), nil]
            for absence in absences {
                try await store.flushLiveness(
                    [LivenessRow(device: device, session: 1, lastConnection: nil, lastClosed: now, absence: absence)], now: now)
                let found = try #require(try await store.fetchDevice(device))
                #expect(found.absence == absence && found.lastClosed == now && found.lastConnection == nil)
            }
            try await store.flushLiveness(
                [LivenessRow(device: device, session: 1, lastConnection: now + .seconds(9))], now: now)
            let found = try #require(try await store.fetchDevice(device))
            #expect(found.lastClosed == now && found.lastConnection == now + .seconds(9))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func someDevicesByName(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            var ids: [DeviceID] = []
            for name in ["b", "é", "a", "z", "B", "aa"] { ids.append(try await fixture.enrol(name)) }
            let wanted = ids.dropLast() + [.random()]
            let first = try await store.fetchDevices(among: Array(wanted), after: nil, limit: 3)
            let rest = try await store.fetchDevices(among: Array(wanted), after: first.last?.cursor, limit: 3)
            #expect((first + rest).map(\.name) == ["B", "a", "b", "z", "é"])
            #expect(try await store.fetchDevices(among: [], after: nil, limit: 3).isEmpty)
            let all = try await store.fetchDevices(after: nil, limit: 9)
            #expect(try await store.fetchDevices(among: ids, after: nil, limit: 9) == all, "the same order and content")
        }
    }
}
