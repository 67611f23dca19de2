import MusterModel
import MusterStore
import Testing

@Suite struct EventTests {
    private static let start = StoreFixture.start

    @Test(arguments: DatabaseKind.allCases)
    func batchesFollowEachOther(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            func put(_ range: ClosedRange<UInt64>, after last: UInt64) async throws -> EventWriteResult {
                try await fixture.store.storeEvents(
                    device: device, epoch: .max, expectedLast: last, events: range.map { .test($0) },
                    newPlace: .test(range.upperBound),
                    received: Self.start)
            }
            #expect(try await put(1...150, after: 0) == .stored(lastPosition: 151))
            #expect(try await put(1...150, after: 0) == .outOfOrder(.test(150)))
            #expect(try await put(160...160, after: 159) == .outOfOrder(.test(150)))
            #expect(try await put(151...151, after: 150) == .stored(lastPosition: 152))
            let events = try await store.fetchEvents(device: device, afterPosition: 1, limit: 1000)
            #expect(events.map(\.sequence) == Array(1...151))
            #expect(events.map(\.position) == Array(2...152))
            #expect(events.last?.epoch == .max)
            #expect(events.last?.parameters == ["n": .integer(151)])
            #expect(
                try await store.fetchDevice(device)?.positions == [
                    EventPositionRecord(epoch: .max, place: StoredPlace(last: 151, stamp: 151))
                ])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func anEpochThatIsNotKnownBeginsAtItsStart(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let result = try await fixture.store.storeEvents(
                device: device, epoch: 1, expectedLast: 7, events: [.test(8)], newPlace: .test(8), received: Self.start)
            #expect(result == .outOfOrder(StoredPlace(last: 0, stamp: 0)))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func sixteenEpochsAreKept(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            for epoch in 1...20 as ClosedRange<UInt64> {
                _ = try await fixture.store.storeEvents(
                    device: device, epoch: epoch, expectedLast: 0, events: [.test(1)], newPlace: .test(1),
                    received: Self.start + .seconds(Int64(epoch)))
            }
            let positions = try await fixture.store.fetchDevice(device)?.positions
            #expect(positions?.map(\.epoch) == (5...20).reversed())
        }
    }

    /// After a roll-back the device sends what it holds under a new epoch; what the server has of it is not stored twice. The stamp tells.
    @Test(arguments: DatabaseKind.allCases)
    func whatIsKnownUnderAnEarlierPlace(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            func put(_ epoch: UInt64, _ events: [StoredEventInput]) async throws {
                let end = StoredPlace(last: UInt64(events.count), stamp: events.last?.stamp ?? 0)
                _ = try await fixture.store.storeEvents(
                    device: device, epoch: epoch, expectedLast: 0, events: events, newPlace: end, received: Self.start)
            }
            func place(_ epoch: UInt64, _ number: UInt64) -> EventSequence { EventSequence(epoch: epoch, number: number) }
            try await put(1, [.test(1, text: "a", stamp: 11), .test(2, text: "b", stamp: 12)])
            try await put(
                2,
                [
                    .test(1, text: "b", stamp: 12, formerly: [place(1, 2)]),
                    .test(2, text: "a", stamp: 13, formerly: [place(1, 1)]),
                    .test(3, text: "c", stamp: 14, formerly: [place(1, 3)]),
                ])
            func texts() async throws -> [String] {
                try await fixture.store.fetchEvents(device: device, afterPosition: 1, limit: 10).map(\.text)
            }
            #expect(try await texts() == ["a", "b", "a", "c"], "another event with the same text is another event")
            try await put(
                3,
                [
                    .test(1, text: "b", stamp: 12, formerly: [place(1, 2), place(2, 1)]),
                    .test(2, text: "c", stamp: 14, formerly: [place(1, 3), place(2, 3)]),
                    .test(3, text: "d", stamp: 0, formerly: [place(1, 1)]),
                ])
            #expect(try await texts() == ["a", "b", "a", "c", "d"])
            // A copy from before the first roll-back is put back again: it knows the first places alone.
            try await put(
                4,
                [
                    .test(1, text: "c", stamp: 14, formerly: [place(1, 3)]),
                    .test(2, text: "e", stamp: 15, formerly: [place(1, 3)]),
                ])
            #expect(try await texts() == ["a", "b", "a", "c", "d", "e"])
            #expect(try await fixture.store.deleteUnusedFormerPlaces() == 0)
            _ = try await fixture.store.deleteOldestEvents(keeping: 0)
            #expect(try await fixture.store.deleteUnusedFormerPlaces() > 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func filters(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let severities: [Severity] = [.info, .warning, .error, .critical, .info]
            for (number, severity) in severities.enumerated() {
                let now = Self.start + .seconds(Int64(number))
                let event = ServerEvent(
                    device: number == 2 ? nil : device, type: "t\(number)", severity: severity, text: "")
                _ = try await store.storeServerEvent(event, now: now)
            }
            func types(_ events: [EventRecord]) -> [String] { events.map(\.type) }
            #expect(types(try await store.fetchEvents(severity: .warning, afterPosition: 0, limit: 10)) == ["t1", "t2", "t3"])
            #expect(types(try await store.fetchEvents(device: device, severity: .error, afterPosition: 0, limit: 10)) == ["t3"])
            #expect(
                types(try await store.fetchEvents(since: Self.start + .seconds(3), afterPosition: 0, limit: 10)) == ["t3", "t4"])
            #expect(types(try await store.fetchEvents(afterPosition: 4, limit: 1)) == ["t3"])
            #expect(types(try await store.fetchLastEvents(limit: 2)) == ["t3", "t4"])
            #expect(types(try await store.fetchLastEvents(severity: .warning, limit: 2)) == ["t2", "t3"])
            #expect(try await store.fetchLastEventPosition() == 6)
            let own = try await store.fetchEvents(afterPosition: 3, limit: 1).first
            #expect(own?.device == nil)
            #expect(own?.epoch == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func oldEventsLeaveInSmallSteps(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            for batch in 0..<3 as Range<UInt64> {
                _ = try await store.storeEvents(
                    device: device, epoch: 1, expectedLast: batch * 400, events: (1...400).map { .test(batch * 400 + $0) },
                    newPlace: .test(batch * 400 + 400), received: Self.start + .days(Int64(batch)))
            }
            var steps: [Int] = []
            repeat {
                steps.append(try await store.deleteOldEvents(receivedBefore: Self.start + .hours(1)))
            } while steps.last != 0
            #expect(steps == [401, 0])
            #expect(try await store.deleteOldestEvents(keeping: 800) == 0)
            #expect(try await store.deleteOldestEvents(keeping: 100) == 700)
            #expect(try await store.statistics().events == 100)
            #expect(try await store.fetchEvents(afterPosition: 0, limit: 1).first?.sequence == 1101)
            // A leap of positions is no event.
            let leap = ServerEvent(device: nil, type: "leap", severity: .info, text: "")
            #expect(try await store.storeServerEventAfterLeap(leap, now: Self.start) == 1 << 32 + 1202)
            #expect(try await store.deleteOldestEvents(keeping: 101) == 0)
        }
    }

    /// Positions are given in the order of commits, however many devices send at once.
    @Test(arguments: DatabaseKind.allCases)
    func positionsWithoutHoles(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            var devices: [DeviceID] = []
            for number in 0..<20 { devices.append(try await fixture.enrol("d\(number)")) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for device in devices {
                    group.addTask {
                        for number in 1...10 as ClosedRange<UInt64> {
                            _ = try await store.storeEvents(
                                device: device, epoch: 9, expectedLast: number - 1, events: [.test(number)],
                                newPlace: .test(number),
                                received: Self.start)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let events = try await store.fetchEvents(afterPosition: 20, limit: 1000)
            #expect(events.map(\.position) == Array(21...220))
            for device in devices { #expect(events.filter { $0.device == device }.map(\.sequence) == Array(1...10)) }
        }
    }

    @Test func parametersAsText() {
        let parameters: Parameters = [
            "b": .text("quote \" backslash \\ line \n nul \0 🐄"), "a": .integer(.min), "c": .time(Self.start),
            "d": .duration(.milliseconds(1500)),
        ]
        #expect(parameters.jsonText.hasPrefix(#"{"a":{"integer":-9223372036854775808},"b":{"text":"quote \" "#))
        #expect(Parameters(jsonText: parameters.jsonText) == parameters)
        #expect(Parameters().jsonText == "{}")
        #expect(Parameters(jsonText: "[]") == nil)
    }
}
