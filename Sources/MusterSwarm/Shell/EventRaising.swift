import MusterModel
import NIOCore

/// Raises a loop's share of the events: so many a second, each on a device chosen by chance. Every 10 ms it looks how many are due.
final class EventRaising {
    private static let step = Duration.milliseconds(10)

    private let loop: FleetLoop
    private let rate: Double
    private let choice: EventChoice
    private let began: Duration
    private var generator: SeededGenerator
    private var raised = 0
    private var timer: Scheduled<Void>?

    init(_ loop: FleetLoop, rate: Double, seed: UInt64) {
        self.loop = loop
        self.rate = rate
        choice = EventChoice(loop.documents.table)
        began = loop.now
        generator = SeededGenerator(seed: seed, stream: 1 << 40)
    }

    func run() {
        let due = Int(Double((loop.now - began).milliseconds) / 1000 * rate)
        while raised < due {
            raise()
            raised += 1
        }
        timer = loop.schedule(in: Self.step) { self.run() }
    }

    func stop() { timer?.cancel() }

    private func raise() {
        guard let slot = loop.devices.indices.randomElement(using: &generator) else { return }
        let event = choice.event(now: .now(), using: &generator)
        let now = loop.now
        var order: SimulatedDevice.Order?
        loop.update(slot) { order = $0.eventRaised(event, now: now) }
        guard let order else { return loop.tally.eventsDropped += 1 }
        loop.tally.eventsRaised += 1
        loop.perform(order, slot)
    }
}
