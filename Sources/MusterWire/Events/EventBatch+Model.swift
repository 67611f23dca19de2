import FoundationEssentials
package import MusterModel
import SwiftProtobuf

/// Numbered events as they travel: a batch names its epoch and first number, each event takes one number and a gap its count.
extension Muster_V1_EventBatch {
    /// What a batch may take as a frame's content: the largest event and its batch fit in a frame of 16 KiB.
    package static let maximumBytes = 12 * 1024
    /// Events in one batch, whatever their size.
    package static let maximumEvents = 200
    /// Batches that may be sent and not yet answered, whatever their size: a burst of single small events takes 32 round trips' worth.
    package static let maximumInFlight = 32
    /// Every number, and the one after it, stays below: tables hold them as int64.
    package static let endOfNumbers: UInt64 = 1 << 63

    /// - Parameter events: of one epoch, each following the one before; at least one.
    package init(_ events: some Collection<NumberedEvent>, clockOffset: Duration) {
        self.init()
        guard let first = events.first else { return }
        epoch = first.first.epoch
        self.first = first.first.number
        self.clockOffset = clockOffset.milliseconds
        self.events = events.map(Muster_V1_Event.init)
    }

    /// As many of `events` from the front as one batch takes; at least one.
    package static func fitting(_ events: [NumberedEvent]) -> ArraySlice<NumberedEvent> {
        var bytes = 0
        let rest = events.prefix(maximumEvents).firstIndex { event in
            bytes += event.encodedBytes
            return bytes > maximumBytes
        }
        return events.prefix(max(1, rest ?? maximumEvents))
    }

    /// The events with their numbers.
    /// - Throws: `malformedEvent` for an empty batch, an unknown kind of content, or numbers from 2^63 - 1 on.
    package func numberedEvents() throws(WireError) -> [NumberedEvent] {
        guard !events.isEmpty, events.count <= Self.maximumEvents else {
            throw .malformedEvent("a batch of \(events.count) events; 1 to \(Self.maximumEvents) are allowed")
        }
        var number = first
        var result: [NumberedEvent] = []
        for event in events {
            let count = event.hasGap ? event.gap.count : 1
            guard number > 0, number < Self.endOfNumbers, count > 0, count < Self.endOfNumbers - number else {
                throw .malformedEvent("event number \(number), taking \(count) numbers")
            }
            result.append(
                NumberedEvent(
                    first: EventSequence(epoch: epoch, number: number), count: count, stamp: event.stamp,
                    content: try event.content(), formerly: try event.formerPlaces()))
            number += count
        }
        return result
    }
}

extension Muster_V1_Event {
    package init(_ event: NumberedEvent) {
        self.init()
        switch event.content {
        case .event(let content):
            type = content.type
            severity = UInt32(content.severity.rawValue)
            occurred = content.occurred.milliseconds
            parameters = content.parameters.mapValues(Muster_V1_ParameterValue.init)
            text = content.text
        case .gap(let content):
            gap.count = event.count
            gap.bySeverity = Dictionary(uniqueKeysWithValues: content.counts.map { (UInt32($0.key.rawValue), $0.value) })
            gap.from = content.from.milliseconds
            gap.to = content.to.milliseconds
        }
        stamp = event.stamp
        formerly = event.formerly.map { place in
            var message = Muster_V1_EventPlace()
            message.epoch = place.epoch
            message.number = place.number
            return message
        }
    }

    fileprivate func formerPlaces() throws(WireError) -> [EventSequence] {
        guard formerly.count <= NumberedEvent.maximumFormerPlaces else {
            throw .malformedEvent("\(formerly.count) former places; at most \(NumberedEvent.maximumFormerPlaces)")
        }
        return formerly.map { EventSequence(epoch: $0.epoch, number: $0.number) }
    }

    /// Almost all that an event takes; counted without encoding it again.
    private var textBytes: Int {
        parameters.reduce(text.utf8.count) { $0 + $1.key.utf8.count + $1.value.text.utf8.count }
    }

    fileprivate func content() throws(WireError) -> NumberedEvent.Content {
        if hasGap {
            let counts = gap.bySeverity.map { (Severity(number: $0.key), $0.value) }
            return .gap(
                EventGap(
                    counts: Dictionary(counts, uniquingKeysWith: { $0 &+ $1 }),
                    from: Timestamp(milliseconds: gap.from), to: Timestamp(milliseconds: gap.to)))
        }
        guard DeviceEvent.isValid(type: type) else {
            throw .malformedEvent("an event type is 1 to 64 of a-z, 0-9, hyphen and dot")
        }
        guard parameters.count <= DeviceEvent.maximumParameters else {
            throw .malformedEvent("\(parameters.count) parameters; at most \(DeviceEvent.maximumParameters)")
        }
        guard textBytes <= DeviceEvent.maximumBytes else {
            throw .malformedEvent("texts of \(textBytes) bytes together; at most \(DeviceEvent.maximumBytes)")
        }
        return .event(
            DeviceEvent(
                type: type, severity: Severity(number: severity), occurred: Timestamp(milliseconds: occurred),
                parameters: parameters.compactMapValues(\.value), text: text))
    }
}

extension Severity {
    /// A severity of a later version counts as the nearest known.
    fileprivate init(number: UInt32) {
        self = Severity(rawValue: UInt8(clamping: number)) ?? (number == 0 ? .info : .critical)
    }
}

extension Muster_V1_ParameterValue {
    fileprivate init(_ value: ParameterValue) {
        self.init()
        switch value {
        case .text(let text): self.text = text
        case .integer(let integer): self.integer = integer
        case .time(let time): self.time = time.milliseconds
        case .duration(let duration): self.duration = duration.milliseconds
        }
    }

    /// Nil for a kind not known here.
    fileprivate var value: ParameterValue? {
        switch kind {
        case .text(let text): .text(text)
        case .integer(let integer): .integer(integer)
        case .time(let time): .time(Timestamp(milliseconds: time))
        case .duration(let duration): .duration(.milliseconds(duration))
        case nil: nil
        }
    }
}

extension NumberedEvent {
    /// Bytes this takes in a batch: what counts for credit and for `DeviceEvent.maximumBytes`.
    package var encodedBytes: Int { (try? Muster_V1_Event(self).serializedData().count) ?? 0 }
}
