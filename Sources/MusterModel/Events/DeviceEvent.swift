/// Something that happened on a device, as it is raised there: before it has a place in any order.
package struct DeviceEvent: Hashable, Sendable {
    /// A code of lower-case words with hyphens and dots, at most 64 bytes: `application-installed`, `clamav.threat-found`.
    package var type: String
    package var severity: Severity
    /// The device's own clock, uncorrected.
    package var occurred: Timestamp
    /// What the sentence is made from; at most `maximumParameters`.
    package var parameters: Parameters
    /// English, for readers that do not know the code.
    package var text: String

    package static let maximumParameters = 32
    /// An event at its largest, as encoded for the wire.
    package static let maximumBytes = 8 * 1024

    package init(type: String, severity: Severity, occurred: Timestamp, parameters: Parameters = [:], text: String) {
        self.type = type
        self.severity = severity
        self.occurred = occurred
        self.parameters = parameters
        self.text = text
    }

    /// Whether `type` may name an event.
    package static func isValid(type: String) -> Bool {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-.".utf8)
        return (1...64).contains(type.utf8.count) && type.utf8.allSatisfy(allowed.contains)
    }
}

/// Events a full spool had to drop, or a server lost: how many of each severity, numbered from where to where, from when to when.
package struct EventGap: Hashable, Sendable {
    package var counts: [Severity: UInt64]
    /// The device's own clock at the first and at the last of them.
    package var from: Timestamp
    package var to: Timestamp

    package init(counts: [Severity: UInt64], from: Timestamp, to: Timestamp) {
        self.counts = counts
        self.from = from
        self.to = to
    }
}

/// Where an event stands in the order of its device: the spool's epoch and the number in it, from 1.
package struct EventSequence: Hashable, Sendable {
    package var epoch: UInt64
    package var number: UInt64

    package init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }
}

/// A place in a device's order of events: one event, or the range a gap stands for.
package struct NumberedEvent: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case event(DeviceEvent)
        case gap(EventGap)
    }

    /// Former places kept of an event: one more with each roll-back it lives through unsent.
    package static let maximumFormerPlaces = 8

    package var first: EventSequence
    /// How many numbers it takes: 1 for an event, the length of the range for a gap.
    package var count: UInt64
    /// Random, drawn when the event was written: tells it from any other that ever had its number. A gap has that of its last. 0: not known.
    package var stamp: UInt64
    package var content: Content
    /// Where it stood before roll-backs put it under new epochs, the oldest first; the server uses it to tell what it already has.
    package var formerly: [EventSequence]

    package init(
        first: EventSequence, count: UInt64 = 1, stamp: UInt64, content: Content, formerly: [EventSequence] = []
    ) {
        self.first = first
        self.count = count
        self.stamp = stamp
        self.content = content
        self.formerly = formerly
    }

    /// The last number it takes.
    package var last: UInt64 { first.number &+ count &- 1 }
}

/// How far a device's events are stored in one of its epochs: the last number, and the stamp of that event (0: not known).
package struct StoredPlace: Hashable, Sendable {
    package var last: UInt64
    package var stamp: UInt64

    package init(last: UInt64, stamp: UInt64) {
        self.last = last
        self.stamp = stamp
    }
}
