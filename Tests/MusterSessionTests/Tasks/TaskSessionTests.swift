import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Tasks in a session")
struct TaskSessionTests {
    private func pair(permanent: Bool, _ orders: [ActionOrder] = [], outputs: [RunID: RunOutput] = [:]) -> Pair {
        var device = FakeDevice()
        device.outputs = outputs
        if !outputs.isEmpty { device.raise(deviceEvent("ended")) }
        device.reported = [.system: document(["hostName": "a"])]
        device.acknowledged = device.reported
        var server = FakeServer()
        server.isPermanent = permanent
        server.reported = device.reported
        server.actions = orders
        return Pair(device: device, server: server)
    }

    private func order(bytes: Int) -> ActionOrder {
        ActionOrder(
            id: .random(), kind: ActionKind.runTask.rawValue, payload: (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }

    @Test("a payload comes whole, however many pieces it takes", arguments: [0, 1, 8192, 8193, 100_000, 256 * 1024])
    func payload(bytes: Int) throws {
        let order = order(bytes: bytes)
        var pair = pair(permanent: false, [order])
        try pair.run()
        #expect(pair.device.payloads[order.id] == order.payload)
        #expect(pair.transcript.filter { $0 == "← actionChunk" }.count == max(0, (bytes - 1) / 8192))
        #expect(pair.transcript.last == "→ done")
    }

    @Test("one after the other")
    func severalPayloads() throws {
        let orders = [order(bytes: 20_000), order(bytes: 3), order(bytes: 9000)]
        var pair = pair(permanent: false, orders)
        try pair.run()
        for order in orders { #expect(pair.device.payloads[order.id] == order.payload) }
    }

    @Test("a payload that does not fit what was announced ends the session")
    func hostilePayloads() throws {
        let id = ActionID.random()
        func action(_ size: UInt32, _ bytes: Int) -> Muster_V1_Action {
            var action = Muster_V1_Action()
            action.id = .init(id.bytes)
            action.kind = .runTask
            action.payloadSize = size
            action.payload = .init([UInt8](repeating: 1, count: bytes))
            return action
        }
        func chunk(_ id: ActionID, _ bytes: Int) -> Muster_V1_ActionChunk {
            var chunk = Muster_V1_ActionChunk()
            chunk.id = .init(id.bytes)
            chunk.data = .init([UInt8](repeating: 2, count: bytes))
            return chunk
        }
        for (size, bytes) in [(UInt32(5), 6), (0, 1), (256 * 1024 + 1, 8192), (9000, 8193)] {
            var exchange = ActionExchange()
            #expect(throws: WireError.self, "\(size) announced, \(bytes) here") { try exchange.received(action(size, bytes)) }
        }
        for chunk in [chunk(id, 0), chunk(id, 11), chunk(.random(), 5)] {
            var exchange = ActionExchange()
            #expect(try exchange.received(action(20, 10)) == [])
            #expect(throws: WireError.self) { try exchange.received(chunk) }
        }
        var exchange = ActionExchange()
        #expect(throws: WireError.self, "nothing is open") { try exchange.received(chunk(id, 1)) }
        #expect(try exchange.received(action(20, 10)) == [])
        #expect(!exchange.isSettled)
        #expect(throws: WireError.self, "another before it is whole") { try exchange.received(action(0, 0)) }
    }

    @Test("outputs come after the events, one by one, and are forgotten when they are stored")
    func outputs() throws {
        let runs = [RunID.random(), .random()].sorted()
        let outputs = [
            runs[0]: RunOutput(
                bytes: [UInt8](repeating: 65, count: RunOutput.maximumBytes), total: 1 << 30, cut: RunOutput.maximumHead),
            runs[1]: RunOutput(bytes: [66], total: 1),
        ]
        var pair = pair(permanent: false, outputs: outputs)
        try pair.run()
        #expect(pair.server.outputs == outputs && pair.device.outputs.isEmpty)
        let events = try #require(pair.transcript.firstIndex { $0.hasPrefix("← eventsStored") })
        let first = try #require(pair.transcript.firstIndex { $0.hasPrefix("→ runOutput") })
        #expect(events < first && pair.transcript.last == "→ done")
        #expect(pair.transcript.filter { $0 == "→ runOutput 8192 of 65536" }.count == 8)
        #expect(pair.server.reserved.isEmpty)
    }

    @Test("a busy server gets them in a later session, one that does not want them never")
    func outputsNotStored() throws {
        for (status, isKept) in [(Muster_V1_OutputStatus.busy, true), (.unwanted, false)] {
            var pair = pair(permanent: false, outputs: [.random(): RunOutput(bytes: [66], total: 1)])
            pair.server.outputStatus = status
            try pair.run()
            #expect(pair.device.outputs.isEmpty != isKept && pair.transcript.last == "→ done")
        }
    }

    @Test("on an open connection they follow at once")
    func outputOnAnOpenConnection() throws {
        var pair = pair(permanent: true)
        try pair.run()
        let run = RunID.random()
        pair.device.outputs[run] = RunOutput(bytes: [1, 2, 3], total: 3)
        pair.order(pair.agent.outputAppended(run))
        try pair.run()
        #expect(pair.server.outputs[run]?.bytes == [1, 2, 3] && pair.device.outputs.isEmpty)
    }

    @Test("pieces that do not fit end the session")
    func hostileOutputs() throws {
        func piece(_ run: RunID, _ size: UInt32, _ bytes: Int) -> Muster_V1_RunOutput {
            var piece = Muster_V1_RunOutput()
            piece.run = .init(run.bytes)
            piece.size = size
            piece.data = .init([UInt8](repeating: 1, count: bytes))
            return piece
        }
        let run = RunID.random()
        for bad in [piece(run, 0, 1), piece(run, 65537, 8192), piece(run, 5, 6), piece(run, 5, 0), piece(run, 9000, 8193)] {
            #expect(throws: WireError.self) { try IncomingOutput(bad) }
        }
        var incoming = try IncomingOutput(piece(run, 10, 4))
        #expect(throws: WireError.self) { try incoming.received(piece(.random(), 10, 4)) }
        #expect(throws: WireError.self) { try incoming.received(piece(run, 10, 7)) }
    }
}
