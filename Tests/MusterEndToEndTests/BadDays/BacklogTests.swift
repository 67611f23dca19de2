import MusterTestKit
import Testing

extension BadDays {
    /// The server is away for longer than the device can keep its events.
    struct BacklogTests {
        /// A spool holds 16 MiB: some 2,200 events of the largest size, so 2,600 do not fit.
        @Test func whatDidNotFitIsOneGap() async throws {
            let server = try await TestServer()
            try await server.start()
            let device = try await Device(at: server)
            try await device.agent.start()
            try await device.source.raise(3, ["severity": "warning"])
            try await device.synchronize()
            try await server.stop()
            try await device.source.raise(3, ["severity": "warning"])
            try await device.source.raise(2600, filling: true)
            try await device.source.raise(3)
            let dropped = try await device.spool("dropped")
            let held = try await device.spool("events")
            let next = try await device.spool("next")
            #expect(dropped > 0)
            try await server.start()
            try await device.synchronize()
            let account = try await EventAccount(of: device.agent, at: server)
            check(account, of: device, dropped: dropped)
            // Each number is an event or in a gap, from the first to the last of all.
            let stored = account.events.filter { $0.sequence > 0 && $0.type != "events-dropped" }
            #expect(stored.count + dropped == account.events.map { $0.sequence + $0.count - 1 }.max())
            #expect(stored.count { $0.sequence < next } == next - 1 - dropped)
            #expect(held < 2600)
            #expect(try await device.spool("events") == 0)
            #expect(try await device.spool("dropped") == 0)
        }

        private func check(_ account: EventAccount, of device: Device, dropped: Int) {
            let gaps = account.events(of: "events-dropped")
            let inGaps = Set(gaps.flatMap { $0.sequence..<($0.sequence + $0.count) })
            #expect(inGaps.count == dropped)
            for gap in gaps {
                #expect(gap.parameters["count"]?.integer == gap.count)
                #expect(gap.parameters["first"]?.integer == gap.sequence)
                #expect(gap.parameters["last"]?.integer == gap.sequence + gap.count - 1)
                #expect(gap.parameters["info"]?.integer == gap.count)
                // Gaps that touch are one.
                #expect(!inGaps.contains(gap.sequence + gap.count))
            }
            // One gap, unless the agent's own warning that the server is away stands in the middle of what was dropped.
            #expect(gaps.count == 1 || gaps.count == 2 && !account.events(of: "synchronization-failed").isEmpty)
            let kept = device.source.raised.filter { raised in
                guard case .stored(let sequence) = raised.outcome else { return true }
                return !inGaps.contains(sequence)
            }
            #expect(account.faults(against: kept) == [])
            // The least severe are dropped first, of those the oldest.
            #expect(kept.map(\.number).prefix(6) == [1, 2, 3, 4, 5, 6])
            #expect(kept.last?.number == 2609)
        }
    }
}
