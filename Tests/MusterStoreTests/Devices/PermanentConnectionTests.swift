import MusterModel
import MusterStore
import Testing

@Suite struct PermanentConnectionTests {
    private let start = StoreFixture.start

    private func tick(_ device: DeviceID, _ isOn: Bool = true, in fixture: StoreFixture) async throws
        -> PermanentConnectionOutcome
    {
        try await fixture.store.setPermanentConnection(
            device, to: isOn, expectedRevision: nil, principal: StoreFixture.administrator, now: start)
    }

    @Test(arguments: DatabaseKind.allCases)
    func theLimitIsDecidedWhereTheBoxIsTicked(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            #expect(try await store.fetchPermanentConnectionCount() == PermanentConnectionCount(ticked: 0, limit: 300))
            let revision = try await store.setPermanentConnectionLimit(
                2, expectedRevision: 0, principal: StoreFixture.administrator, now: start)
            #expect(revision == 1)
            let devices = [try await fixture.enrol("a"), try await fixture.enrol("b"), try await fixture.enrol("c")]
            let first = try await tick(devices[0], in: fixture)
            #expect(first == .changed(PermanentConnectionCount(ticked: 1, limit: 2), position: nil))
            #expect(try await tick(devices[0], in: fixture) == .unchanged(PermanentConnectionCount(ticked: 1, limit: 2)))
            guard case .changed(_, let warning?) = try await tick(devices[1], in: fixture) else {
                Issue.record("nine tenths are passed without a warning")
                return
            }
            guard case .limitReached(let count, let position) = try await tick(devices[2], in: fixture) else {
                Issue.record("the limit does not hold")
                return
            }
            #expect(count == PermanentConnectionCount(ticked: 2, limit: 2) && position == warning + 1)
            let refused = try #require(try await store.fetchDevice(devices[2]))
            #expect(refused.permanentSince == nil && refused.revision == 1)
            let types = try await store.fetchEvents(afterPosition: warning - 1, limit: 10).map(\.type)
            #expect(types == [EventType.permanentConnectionsNearlyUsedUp, EventType.permanentConnectionRefused])
            // Deleting a device frees its place.
            _ = try await store.deleteDevice(devices[0], principal: StoreFixture.administrator, now: start)
            guard case .changed = try await tick(devices[2], in: fixture) else {
                Issue.record("a deleted device keeps its place")
                return
            }
            #expect(try await store.fetchDevice(devices[2])?.permanentSince == start)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func loweringTheLimitDisconnectsNone(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let (a, b) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            _ = try await tick(a, in: fixture)
            _ = try await tick(b, in: fixture)
            try await _ = fixture.store.setPermanentConnectionLimit(
                1, expectedRevision: nil, principal: StoreFixture.administrator, now: start)
            #expect(try await fixture.store.fetchPermanentConnectionCount() == PermanentConnectionCount(ticked: 2, limit: 1))
            #expect(
                try await tick(a, false, in: fixture) == .changed(PermanentConnectionCount(ticked: 1, limit: 1), position: nil))
            guard case .limitReached = try await tick(a, in: fixture) else {
                Issue.record("ticked past the limit")
                return
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func manyAtOnceStayWithinTheLimit(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            _ = try await fixture.store.setPermanentConnectionLimit(
                5, expectedRevision: nil, principal: StoreFixture.administrator, now: start)
            var devices: [DeviceID] = []
            for number in 0..<12 { devices.append(try await fixture.enrol("d\(number)")) }
            let ticked = try await withThrowingTaskGroup(of: Bool.self) { group in
                for device in devices {
                    group.addTask {
                        guard case .changed = try await tick(device, in: fixture) else { return false }
                        return true
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(ticked == 5)
            #expect(try await fixture.store.fetchPermanentConnectionCount().ticked == 5)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func revisionsAndUnknownDevices(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol("a")
            let stale = await code {
                _ = try await fixture.store.setPermanentConnection(
                    device, to: true, expectedRevision: 7, principal: StoreFixture.administrator, now: start)
            }
            #expect(stale == .conflict)
            let missing = await code {
                _ = try await fixture.store.setPermanentConnection(
                    .random(), to: true, expectedRevision: nil, principal: StoreFixture.administrator, now: start)
            }
            #expect(missing == .notFound)
        }
    }
}
