import MusterModel
import NIOCore

/// Raises a loop's share of the events: so many a second, each (or so many at once) on a device chosen by chance. Every 10 ms it looks how
/// many are due.
final class EventRaising {
    private static let step = Duration.milliseconds(10)

    private let loop: FleetLoop
    private let rate: Double
    /// On one device at once.
    private let burst: Int
    private let choice: EventChoice
    private let began: Duration
    private var generator: SeededGenerator
    private var raised = 0
    private var isStopped = false
    private var timer: Scheduled<Void>?

    init(_ loop: FleetLoop, rate: Double, burst: Int, seed: UInt64) {
        self.loop = loop
        self.rate = rate
        self.burst = max(1, burst)
        choice = EventChoice(loop.documents.table)
        began = loop.now
        generator = SeededGenerator(seed: seed, stream: 1 << 40)
    }

    func run() {
        guard !isStopped else { return }
        let due = Int(Double((loop.now - began).milliseconds) / 1000 * rate)
        while raised + burst <= due {
            raise()
            raised += burst
        }
        timer = loop.schedule(in: Self.step) { self.run() }
    }

    /// The flag is needed: a timer that is due in this very tick can no longer be cancelled.
    func stop() {
        isStopped = true
        timer?.cancel()
    }

    private func raise() {
        guard let slot = loop.devices.indices.randomElement(using: &generator) else { return }
        var order = SimulatedDevice.Order.none
        for _ in 0..<burst {
            switch raised(on: slot) {
            case nil: loop.tally.eventsDropped += 1
            case .some(.none): loop.tally.eventsRaised += 1
            case .some(let other):
                loop.tally.eventsRaised += 1
                order = other
            }
        }
        loop.perform(order, slot)
    }

    private func raised(on slot: Int) -> SimulatedDevice.Order? {
        let event = choice.event(now: .now(), using: &generator)
        let now = loop.now
        var order: SimulatedDevice.Order?
        loop.update(slot) { order = $0.eventRaised(event, now: now) }
        return order
    }
}
