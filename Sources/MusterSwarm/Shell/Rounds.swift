import MusterModel
import MusterWire
import NIOCore

/// Lets the devices of a loop connect in turn, a fixed number at a time, until so many connections have ended.
final class Rounds {
    private let loop: FleetLoop
    private let kind: RoundsRun.Kind
    private var toBegin: Int
    private var underWay = 0
    private var slot = -1
    private let finished: EventLoopPromise<Void>

    init(_ loop: FleetLoop, kind: RoundsRun.Kind, count: Int) {
        self.loop = loop
        self.kind = kind
        toBegin = loop.devices.isEmpty ? 0 : count
        finished = loop.eventLoop.makePromise()
    }

    /// - Returns: fulfilled when all have ended.
    func run(concurrency: Int) -> EventLoopFuture<Void> {
        loop.director = { _, _ in
            self.underWay -= 1
            self.next()
        }
        for _ in 0..<min(max(1, concurrency), loop.devices.count) { next() }
        if underWay == 0 { end() }
        return finished.futureResult
    }

    /// Nothing more is begun.
    func stop() { toBegin = 0 }

    private func next() {
        guard toBegin > 0 else {
            if underWay == 0 { end() }
            return
        }
        toBegin -= 1
        underWay += 1
        // The next in turn has been idle the longest: with fewer connections than devices it is never connected still.
        slot = (slot + 1) % loop.devices.count
        switch kind {
        case .synchronizations:
            var order = SimulatedDevice.Order.none
            loop.update(slot) { order = $0.told(.interval) }
            loop.perform(order, slot)
        case .handshakes: loop.connectBare(slot, hangsUp: false)
        case .hangUps: loop.connectBare(slot, hangsUp: true)
        }
    }

    private func end() {
        loop.director = nil
        finished.succeed()
    }
}
