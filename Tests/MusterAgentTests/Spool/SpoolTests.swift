import MusterModel
import Testing

@testable import MusterAgent

@Suite struct SpoolTests {
    @Test func aLimitThatIsCutHoldsFromTheNextEventOn() throws {
        let spool = try StateFixture().spool
        for number in 1...5 { try spool.append([event(number)]) }
        spool.limit(SpoolLimits(bytes: 1 << 20, events: 2))
        try spool.append([event(6)])
        #expect(try spool.statistics().events == 2 && spool.statistics().dropped == 4)
    }

    @Test func eventsAreThereAfterARestart() throws {
        let fixture = try StateFixture(epoch: 7)
        #expect(try fixture.spool.position() == SpoolPosition(epoch: 7, firstHeld: 1, next: 1))
        #expect(
            try fixture.spool.append([event(1), event(2, severity: .critical)]) == SpoolPosition(epoch: 7, firstHeld: 1, next: 3))
        let held = try fixture.reopened().spool.batch(after: 0, maximumBytes: 10_000)
        #expect(held.map(\.first) == [EventSequence(epoch: 7, number: 1), EventSequence(epoch: 7, number: 2)])
        #expect(held.map(\.content) == [.event(event(1)), .event(event(2, severity: .critical))])
    }

    @Test func oneWrongEventKeepsAllOut() throws {
        let spool = try StateFixture().spool
        var wrong = event(2)
        wrong.type = "Wrong Type"
        #expect(code { () throws(AgentError) in try spool.append([event(1), wrong]) } == .eventInvalid)
        #expect(try spool.position().next == 1)
    }

    @Test func longTextsAreCutAtACharacter() throws {
        let fitted = try event(text: String(repeating: "ü", count: 3000)).fitted()
        #expect(fitted.text.utf8.count <= DeviceEvent.maximumTextBytes)
        #expect(fitted.text.hasSuffix("ü…"))
        let atLimit = String(repeating: "x", count: DeviceEvent.maximumTextBytes)
        #expect(try event(text: atLimit).fitted().text == atLimit)
    }

    @Test func tooManyParametersAreRefused() throws {
        var many = event()
        for number in 0..<DeviceEvent.maximumParameters { many.parameters["p\(number)"] = .integer(1) }
        _ = try many.fitted()
        many.parameters["one-more"] = .integer(1)
        #expect(code { () throws(AgentError) in try many.fitted() } == .eventInvalid)
        var large = event()
        for number in 0..<DeviceEvent.maximumParameters {
            large.parameters["p\(number)"] = .text(String(repeating: "x", count: 600))
        }
        #expect(code { () throws(AgentError) in try large.fitted() } == .eventTooLarge)
    }

    @Test func batchesAreBounded() throws {
        let spool = try StateFixture().spool
        try spool.append((1...10).map { event($0) })
        #expect(try spool.batch(after: 0, maximumBytes: 1).map(\.first.number) == [1])
        #expect(try spool.batch(after: 3, maximumBytes: 100_000, maximumEvents: 4).map(\.first.number) == [4, 5, 6, 7])
        #expect(try spool.batch(after: 10, maximumBytes: 100_000).isEmpty)
    }

    @Test func acknowledgedEventsGo() throws {
        let spool = try StateFixture(epoch: 7).spool
        try spool.append((1...5).map { event($0) })
        #expect(try spool.acknowledge(epoch: 8, through: 2) == .otherEpoch)
        #expect(try spool.acknowledge(epoch: 7, through: 6) == .beyondNext)
        #expect(try spool.acknowledge(epoch: 7, through: 2) == .deleted)
        #expect(try spool.acknowledge(epoch: 7, through: 1) == .deleted)
        #expect(try spool.position() == SpoolPosition(epoch: 7, firstHeld: 3, next: 6))
        #expect(try spool.acknowledge(epoch: 7, through: 5) == .deleted)
        #expect(try spool.position() == SpoolPosition(epoch: 7, firstHeld: 6, next: 6))
        #expect(try spool.statistics().bytes == 0)
    }

    @Test func fullSpoolDropsTheLeastSevereFirstAndSaysSo() throws {
        let spool = try StateFixture(limits: SpoolLimits(bytes: 1 << 20, events: 3)).spool
        try spool.append([
            event(1, severity: .error), event(2), event(3), event(4, severity: .warning), event(5, severity: .critical),
        ])
        let held = try spool.batch(after: 0, maximumBytes: 10_000)
        #expect(held.map(\.first.number) == [1, 2, 4, 5])
        #expect(held[1].count == 2)
        #expect(held[1].content == .gap(EventGap(counts: [.info: 2], from: noon + .seconds(2), to: noon + .seconds(3))))
        #expect(try spool.statistics().dropped == 2)
    }

    @Test func whatIsInFlightStays() throws {
        let spool = try StateFixture(limits: SpoolLimits(bytes: 1 << 20, events: 2)).spool
        try spool.append([event(1), event(2)])
        _ = try spool.batch(after: 0, maximumBytes: 10_000)
        try spool.append([event(3, severity: .critical)])
        let held = try spool.batch(after: 0, maximumBytes: 10_000)
        #expect(held.map { if case .event = $0.content { true } else { false } } == [true, true, false])
        spool.settleInFlight()
        try spool.append([event(4)])
        #expect(try spool.statistics().events <= 2)
    }

    @Test func acknowledgementInsideAGapLeavesItsRest() throws {
        let spool = try StateFixture(limits: SpoolLimits(bytes: 1 << 20, events: 1), epoch: 7).spool
        try spool.append((1...4).map { event($0) } + [event(5, severity: .error)])
        #expect(try spool.acknowledge(epoch: 7, through: 2) == .deleted)
        let held = try spool.batch(after: 2, maximumBytes: 10_000)
        #expect(held.map(\.first.number) == [3, 5])
        #expect(held[0].count == 2)
        guard case .gap(let gap) = held[0].content else { return #expect(Bool(false), "no gap") }
        #expect(gap.counts == [.info: 2])
    }

    @Test func aNewEpochKeepsOrderAndWhereTheyStood() throws {
        let spool = try StateFixture(epoch: 7).spool
        try spool.append((1...5).map { event($0) })
        try spool.acknowledge(epoch: 7, through: 2)
        let stamps = try spool.batch(after: 0, maximumBytes: 10_000).map(\.stamp)
        #expect(try spool.beginEpoch(9, saying: event(6)) == SpoolPosition(epoch: 9, firstHeld: 1, next: 5))
        let held = try spool.batch(after: 0, maximumBytes: 10_000)
        #expect(held.map(\.first) == (1...4).map { EventSequence(epoch: 9, number: $0) })
        #expect(held.map(\.formerly) == (3...5).map { [EventSequence(epoch: 7, number: $0)] } + [[]])
        #expect(held.map(\.content) == (3...6).map { .event(event($0)) })
        #expect(held.prefix(3).map(\.stamp) == stamps && Set(held.map(\.stamp)).count == 4)
        // Each keeps one place more, the last eight.
        for epoch in 10...20 as ClosedRange<UInt64> { try spool.beginEpoch(epoch, saying: event(7)) }
        let formerly = try #require(try spool.batch(after: 0, maximumBytes: 10_000).first?.formerly)
        #expect(formerly == (12...19).map { EventSequence(epoch: $0, number: 1) })
    }

    @Test func whatTheServerHasIsOursByItsStamp() throws {
        let spool = try StateFixture(epoch: 7).spool
        try spool.append((1...5).map { event($0) })
        let stamps = [0] + (try spool.batch(after: 0, maximumBytes: 10_000).map(\.stamp))
        func isOurs(_ number: Int, _ stamp: UInt64) throws -> Bool {
            try spool.isOurs(StoredPlace(last: UInt64(number), stamp: stamp))
        }
        #expect(try isOurs(2, stamps[2]))
        #expect(try !isOurs(2, stamps[3]))
        try spool.acknowledge(epoch: 7, through: 3)
        #expect(try isOurs(3, stamps[3]))
        #expect(try !isOurs(3, stamps[2]))
        #expect(try isOurs(2, 1), "deleted long ago: not known any more")
        #expect(try !isOurs(5, 1))
    }

    @Test func aGapIsOursByItsLast() throws {
        let spool = try StateFixture(limits: SpoolLimits(bytes: 1 << 20, events: 1), epoch: 7).spool
        try spool.append((1...4).map { event($0) } + [event(5, severity: .error)])
        let gap = try #require(try spool.batch(after: 0, maximumBytes: 10_000).first)
        #expect(gap.last == 4)
        #expect(try spool.isOurs(StoredPlace(last: 4, stamp: gap.stamp)))
        #expect(try !spool.isOurs(StoredPlace(last: 4, stamp: gap.stamp ^ 1)))
        #expect(try spool.isOurs(StoredPlace(last: 2, stamp: 99)), "inside a gap nobody knows")
    }
}
