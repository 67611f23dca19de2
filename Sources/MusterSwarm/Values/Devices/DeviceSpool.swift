import DequeModule
import MusterModel
import MusterSession
import MusterWire

/// The events of one simulated device that the server has not acknowledged, in memory: a new epoch each run.
struct DeviceSpool: Sendable {
    /// Past it a run is not valid: the server is not keeping up. 2,000 events of 300 bytes.
    static let limit = 2000

    private struct Entry: Sendable {
        var event: NumberedEvent
        /// On the run's clock.
        var raised: Duration
    }

    private var entries: Deque<Entry> = []
    private var epoch: UInt64
    private var next: UInt64 = 1

    init(epoch: UInt64) { self.epoch = epoch }

    var position: EventPosition {
        EventPosition(epoch: epoch, firstHeld: entries.first?.event.first.number ?? next, next: next)
    }

    var count: Int { entries.count }

    /// - Returns: false when it is full.
    mutating func append(_ event: DeviceEvent, now: Duration) -> Bool {
        guard entries.count < Self.limit else { return false }
        let sequence = EventSequence(epoch: epoch, number: next)
        let numbered = NumberedEvent(first: sequence, stamp: .random(in: 1 ... .max), content: .event(event))
        entries.append(Entry(event: numbered, raised: now))
        next += 1
        return true
    }

    /// Those after a number, as many as fit; at least one when there is one.
    func events(after number: UInt64, maximumBytes: Int) -> [NumberedEvent] {
        var bytes = 0
        var events: [NumberedEvent] = []
        for entry in entries where entry.event.first.number > number {
            bytes += entry.event.encodedBytes
            if bytes > maximumBytes, !events.isEmpty { break }
            events.append(entry.event)
            // What one batch takes: reading more would only be thrown away.
            if events.count == 200 { break }
        }
        return events
    }

    /// - Returns: how long each took from being raised to this acknowledgement.
    mutating func acknowledge(epoch: UInt64, through last: UInt64, now: Duration) -> [Duration] {
        guard epoch == self.epoch else { return [] }
        var times: [Duration] = []
        while let first = entries.first, first.event.first.number <= last {
            times.append(now - first.raised)
            entries.removeFirst()
        }
        return times
    }

    /// Whether the server's last event is the one of that number here; what is not held any more is taken for it.
    func isOurs(_ stored: StoredPlace) -> Bool {
        entries.first { $0.event.first.number == stored.last }.map { $0.event.stamp == stored.stamp } ?? true
    }

    /// Puts what is held under a new epoch, as a rolled-back device does.
    mutating func renumber(epoch new: UInt64) -> EventPosition {
        var number: UInt64 = 1
        for index in entries.indices {
            entries[index].event.formerly.append(entries[index].event.first)
            entries[index].event.first = EventSequence(epoch: new, number: number)
            number += 1
        }
        (epoch, next) = (new, number)
        return position
    }
}
