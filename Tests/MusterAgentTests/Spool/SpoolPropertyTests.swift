import MusterModel
import Testing

@testable import MusterAgent

/// Random histories of a small spool. After every step: each number from the first held to the next is one event or in one gap, what is
/// held is what was raised, totals are true, and nothing in flight was dropped.
@Suite struct SpoolPropertyTests {
    private struct History {
        let spool: Spool
        /// The same database through another value: what is read with it is not in flight for the first.
        let reader: Spool
        let limits: SpoolLimits
        var generator: Sequence64
        /// What was raised, by its number under the current epoch.
        var raised: [UInt64: DeviceEvent] = [:]
        var epoch: UInt64 = 1
        var next: UInt64 = 1
        var acknowledged: UInt64 = 0
        var frozen: UInt64 = 0
        /// Sent as events and not settled: they must stay events.
        var sent: Set<UInt64> = []

        mutating func step() throws {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<10: try append()
            case 10..<13: try send()
            case 13..<17: try acknowledge()
            case 17..<19: settle()
            default: try renumber()
            }
        }

        private mutating func append() throws {
            let events = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                event(
                    Int(next), severity: Severity.allCases.randomElement(using: &generator) ?? .info,
                    text: String(repeating: "x", count: Int.random(in: 0...300, using: &generator)))
            }
            for event in events {
                raised[next] = event
                next += 1
            }
            #expect(try spool.append(events).next == next)
        }

        private mutating func send() throws {
            let batch = try spool.batch(
                after: max(acknowledged, frozen), maximumBytes: Int.random(in: 1...1000, using: &generator))
            frozen = max(frozen, batch.last?.last ?? 0)
            for item in batch { if case .event = item.content { sent.insert(item.first.number) } }
        }

        private mutating func acknowledge() throws {
            let number = UInt64.random(in: 0..<next, using: &generator)
            #expect(try spool.acknowledge(epoch: epoch, through: number) == .deleted)
            acknowledged = max(acknowledged, number)
        }

        private mutating func settle() {
            spool.settleInFlight()
            frozen = 0
            sent = []
        }

        private mutating func renumber() throws {
            let shift = acknowledged
            epoch += 1
            let said = event(Int(next))
            #expect(
                try spool.beginEpoch(epoch, saying: said) == SpoolPosition(epoch: epoch, firstHeld: 1, next: next - shift + 1))
            raised[next] = said
            next += 1
            raised = Dictionary(
                uniqueKeysWithValues: raised.filter { $0.key > shift }.map { ($0.key - shift, $0.value) })
            (next, acknowledged, frozen, sent) = (next - shift, 0, 0, [])
        }

        func check() throws {
            let held = try reader.batch(after: 0, maximumBytes: .max, maximumEvents: .max)
            let position = try spool.position()
            #expect(position == SpoolPosition(epoch: epoch, firstHeld: acknowledged + 1, next: next))
            var number = acknowledged + 1
            for item in held {
                #expect(item.first == EventSequence(epoch: epoch, number: number))
                switch item.content {
                case .event(let event): #expect(event == raised[number])
                case .gap(let gap):
                    #expect(gap.counts.values.reduce(0, +) == item.count)
                    #expect(sent.isDisjoint(with: item.first.number...item.last))
                }
                number += item.count
            }
            #expect(number == next)
            try checkTotals(held)
        }

        private func checkTotals(_ held: [NumberedEvent]) throws {
            let statistics = try spool.statistics()
            let events = held.filter { if case .event = $0.content { true } else { false } }
            #expect(statistics.events == events.count)
            #expect(statistics.dropped == held.filter { !events.contains($0) }.reduce(0) { $0 + $1.count })
            #expect(statistics.events <= limits.events && statistics.bytes <= limits.bytes)
        }

    }

    @Test(arguments: 1...12)
    func everyNumberIsAnEventOrInAGap(seed: UInt64) throws {
        let limits = SpoolLimits(bytes: 2000, events: 12)
        let fixture = try StateFixture(limits: limits, epoch: 1)
        var history = History(
            spool: fixture.spool, reader: Spool(fixture.state.database), limits: limits, generator: Sequence64(value: seed))
        for _ in 0..<150 {
            try history.step()
            try history.check()
        }
    }
}
