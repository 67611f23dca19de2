import MusterModel
import Testing

@testable import MusterStore

@Suite("Copies of a device")
struct CopyTests {
    private static let administrator = AuditPrincipal(kind: "api-token", id: "a")
    private static let now = StoreFixture.start

    private func event(_ device: DeviceID) -> ServerEvent {
        ServerEvent(device: device, type: EventType.cloneSuspected, severity: .error, text: "two", parameters: [:])
    }

    @Test(arguments: DatabaseKind.allCases)
    func runsAreKeptWithLiveness(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (device, other) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            #expect(try await store.fetchDevice(device)?.copies == DeviceCopies())
            var row = LivenessRow(device: device, session: 9, lastConnection: Self.now, runID: 7)
            row.runs = [.max, 1, 0x0102_0304_0506_0708, 7]
            row.provenSession = 8
            try await store.flushLiveness([row, LivenessRow(device: other, session: 1, lastConnection: nil)], now: Self.now)
            let kept = DeviceCopies(runs: [.max, 1, 0x0102_0304_0506_0708, 7], provenSession: 8)
            #expect(try await store.fetchDevice(device)?.copies == kept)
            #expect(try await store.fetchDevice(other)?.copies == DeviceCopies())
            // Not said: left as they are.
            try await store.flushLiveness([LivenessRow(device: device, session: 10, lastConnection: Self.now)], now: Self.now)
            #expect(try await store.fetchDevice(device)?.copies == kept)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func toldOnceSplitAndForgotten(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let (store, now) = (fixture.store, Self.now)
            let device = try await fixture.enrol()
            let end = now + .hours(24)
            let (someone, nobody) = (Self.administrator, DeviceID.random())
            #expect(try await store.splitCopies(of: device, until: end, principal: someone, now: now) == .unchanged)
            #expect(try await store.forgetCopies(of: device, principal: someone, now: now) == .unchanged)
            #expect(try await store.splitCopies(of: nobody, until: end, principal: someone, now: now) == .noDevice)
            #expect(try await store.setCopied(device, telling: event(device), now: now) != nil)
            #expect(try await store.setCopied(device, telling: event(device), now: now + .seconds(1)) == nil)
            #expect(try await store.setCopied(.random(), telling: event(device), now: now) == nil)
            let split = try await store.splitCopies(of: device, until: end, principal: someone, now: now).position
            let copies = try await store.fetchDevice(device)?.copies
            #expect(copies?.since == now && copies?.splitUntil == end)
            var row = LivenessRow(device: device, session: 1, lastConnection: now, runID: 7)
            row.runs = [7]
            row.provenSession = 5
            try await store.flushLiveness([row], now: now)
            let same = try await store.forgetCopies(of: device, principal: someone, now: now).position
            let told = try await store.fetchEvents(device: device, afterPosition: 0, limit: 10).suffix(2)
            #expect(told.map(\.type) == [EventType.deviceSplit, EventType.deviceSame])
            #expect(told.map(\.position) == [split, same] && told.allSatisfy { $0.severity == .info })
            #expect(try await store.fetchDevice(device)?.copies == DeviceCopies(provenSession: 5))
            #expect(try await store.fetchDevice(device)?.runID == nil)
            #expect(try await store.forgetCopies(of: nobody, principal: someone, now: now) == .noDevice)
            #expect(try await store.setCopied(device, telling: event(device), now: now) != nil, "it may be found again")
        }
    }
}
