import MusterModel
import MusterWire
import Testing

@testable import MusterSession

/// Thousands of random steps: events are written, documents change, bytes arrive in pieces of any size, orders run in any order that a
/// shell may run them in, connections are cut anywhere. In the end the server has everything, once, in order.
@Suite("Soak")
struct SoakTests {
    private struct Round {
        var generator: Seeded
        var pair: Pair
        var written: [UInt64: String] = [:]
        var cuts = 0

        init(seed: UInt64) {
            generator = Seeded(seed)
            var device = FakeDevice()
            device.reported = [.system: document(["hostName": "a"])]
            pair = Pair(device: device, server: FakeServer())
        }

        mutating func step() throws {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<4: raise()
            case 4..<5: changeDocument()
            case 5: pair.server.desired[.agent] = randomDocument()
            case 6 where generator.chance(1, in: 3): pair.device.dropTwo()
            case 7 where generator.chance(1, in: 4): cut()
            case 8..<30: _ = try pair.agentWrites()
            case 30..<52: _ = try pair.serverWrites()
            case 52..<62: _ = try pair.arriveAtServer(Int.random(in: 1...9000, using: &generator))
            case 62..<72: _ = try pair.arriveAtAgent(Int.random(in: 1...9000, using: &generator))
            case 72..<86: _ = pair.agentWorks(at: anyLane(pair.agentWork.map(Self.lane)))
            default: _ = pair.serverWorks(at: anyLane(pair.serverWork.map(Self.lane)))
            }
            if pair.agentClosed != nil || pair.serverClosed != nil { throw Failure.closed(pair.transcript.suffix(12)) }
            // A device that is done comes back at the next interval, or stays.
            if pair.agent.isComplete, generator.chance(1, in: 60) { pair.reconnect() }
        }

        enum Failure: Error { case closed(ArraySlice<String>) }

        private mutating func raise() {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let text = "e\(pair.device.next) " + String(repeating: "x", count: Int.random(in: 0...3000, using: &generator))
                written[pair.device.next] = text
                pair.raise(deviceEvent(text))
            }
        }

        private mutating func changeDocument() {
            let name = DocumentName.reported.randomElement(using: &generator) ?? .system
            pair.change(name, randomDocument())
        }

        private mutating func randomDocument() -> Document {
            largeDocument(Int.random(in: 0...600, using: &generator), seed: UInt64.random(in: 0...3, using: &generator))
        }

        /// Whatever is on its way is gone; the server may still run what it had begun.
        private mutating func cut() {
            cuts += 1
            while generator.chance(2, in: 3), pair.serverWorks() {}
            // An agent that starts anew knows no more what was sent: a gap may take it, and reach back over what was stored.
            if generator.chance(1, in: 3) {
                pair.device.readThrough = 0
                for _ in 0..<3 { pair.device.dropTwo() }
            }
            pair.reconnect()
        }

        /// The first order of some lane: events, documents and the rest each keep their order.
        private mutating func anyLane(_ lanes: [Int]) -> Int {
            guard let lane = Set(lanes).sorted().randomElement(using: &generator) else { return 0 }
            return lanes.firstIndex(of: lane) ?? 0
        }

        private static func lane(_ action: AgentSession.Action) -> Int {
            switch action {
            case .readEvents, .deleteEvents, .judgeStored, .beginEpoch, .learn: 0
            case .prepareDocument, .keepAcknowledged, .hold: 1
            default: 2
            }
        }

        private static func lane(_ action: ServerSession.Action) -> Int {
            switch action {
            case .storeEvents, .storeLost, .serverRolledBack: 0
            case .storeDocument, .prepareDocument, .reserveMemory: 1
            default: 2
            }
        }

        /// One last connection, undisturbed.
        mutating func finish() throws {
            pair.reconnect()
            try pair.run()
        }
    }

    @Test("every event once and in order, documents equal", arguments: 0..<12 as Range<UInt64>)
    func soak(seed: UInt64) throws {
        var round = Round(seed: seed)
        for _ in 0..<4000 { try round.step() }
        try round.finish()
        let (device, server) = (round.pair.device, round.pair.server)
        #expect(round.pair.isSynchronized, "\(round.pair.transcript)")
        #expect(round.pair.agent.isComplete && server.completed > 0 && round.cuts > 3)
        var next: UInt64 = 1
        for row in server.events {
            #expect(row.first == EventSequence(epoch: device.epoch, number: next))
            if case .event(let event) = row.content { #expect(event.text == round.written[next]) }
            next = row.last + 1
        }
        #expect(next == device.next && server.events.count > 50)
    }
}
