import FoundationEssentials
import MusterModel
import SwiftProtobuf
import Testing

@testable import MusterWire

@Suite("Events as they travel")
struct EventBatchTests {
    private func event(
        _ number: UInt64, type: String = "agent-started", severity: Severity = .info, parameters: Parameters = [:],
        text: String = "The agent started.", formerly: [EventSequence] = []
    ) -> NumberedEvent {
        NumberedEvent(
            first: EventSequence(epoch: 7, number: number), stamp: number &* 0x9e37_79b9_7f4a_7c15,
            content: .event(DeviceEvent(type: type, severity: severity, occurred: noon, parameters: parameters, text: text)),
            formerly: formerly)
    }

    private func gap(_ first: UInt64, count: UInt64) -> NumberedEvent {
        NumberedEvent(
            first: EventSequence(epoch: 7, number: first), count: count, stamp: first,
            content: .gap(EventGap(counts: [.info: count - 1, .critical: 1], from: noon, to: noon + .hours(1))))
    }

    private func carried(_ batch: Muster_V1_EventBatch) throws -> Muster_V1_EventBatch {
        let bytes: [UInt8] = try batch.serializedBytes()
        return try Muster_V1_EventBatch(serializedBytes: bytes)
    }

    @Test("events, gaps and former places come back with their numbers")
    func roundTrip() throws {
        let parameters: Parameters = [
            "name": .text("bash"), "count": .integer(-4), "since": .time(noon), "offset": .duration(.milliseconds(-90_001)),
            "none": .text(""), "zero": .integer(0),
        ]
        let events = [
            event(41, severity: .critical, parameters: parameters), gap(42, count: 100), event(142, text: ""),
            event(143, formerly: [EventSequence(epoch: .max, number: 9000), EventSequence(epoch: 0, number: .max)]),
            gap(144, count: 1),
        ]
        let batch = try carried(Muster_V1_EventBatch(events, clockOffset: .milliseconds(-3)))
        #expect(batch.epoch == 7 && batch.first == 41 && batch.clockOffset == -3)
        #expect(try batch.numberedEvents() == events)
        #expect(events.map(\.last) == [41, 141, 142, 143, 144])
    }

    @Test("random events come back", arguments: 0..<10 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var generator = Seeded(seed)
        for _ in 0..<50 {
            var next = UInt64.random(in: 1...1 << 40, using: &generator)
            let events = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                let formerly = (0..<Int.random(in: 0...NumberedEvent.maximumFormerPlaces, using: &generator)).map { _ in
                    EventSequence(epoch: generator.next(), number: generator.next())
                }
                var one = event(
                    next, severity: Severity.allCases.randomElement(using: &generator) ?? .info,
                    parameters: ["n": .integer(Int64(bitPattern: generator.next()))], formerly: formerly)
                if Bool.random(using: &generator) { one = gap(next, count: UInt64.random(in: 2...1 << 20, using: &generator)) }
                next += one.count
                return one
            }
            #expect(try carried(Muster_V1_EventBatch(events, clockOffset: .zero)).numberedEvents() == events)
        }
    }

    private func refusal(_ change: (inout Muster_V1_EventBatch) -> Void) -> WireError.Code? {
        var batch = Muster_V1_EventBatch([event(1)], clockOffset: .zero)
        change(&batch)
        return code { () throws(WireError) in try batch.numberedEvents() }
    }

    @Test("what a batch may be, and what is past it")
    func limits() {
        let one = Muster_V1_Event(event(1))
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.events = [] } == .malformedEvent)
        #expect(refusal { $0.events = Array(repeating: one, count: 200) } == nil)
        #expect(refusal { $0.events = Array(repeating: one, count: 201) } == .malformedEvent)
        #expect(refusal { $0.events[0].type = String(repeating: "a", count: 64) } == nil)
        for type in ["", String(repeating: "a", count: 65), "Agent", "a b", "a_b", "ä"] {
            #expect(refusal { $0.events[0].type = type } == .malformedEvent)
        }
        func parameters(_ count: Int) -> [String: Muster_V1_ParameterValue] {
            Dictionary(uniqueKeysWithValues: (0..<count).map { ("p\($0)", Muster_V1_ParameterValue()) })
        }
        #expect(refusal { $0.events[0].parameters = parameters(32) } == nil)
        #expect(refusal { $0.events[0].parameters = parameters(33) } == .malformedEvent)
    }

    @Test("texts and names of an event take 8 KiB together")
    func texts() {
        func refusal(text: Int, parameter: Int) -> WireError.Code? {
            self.refusal {
                $0.events[0].text = String(repeating: "x", count: text)
                $0.events[0].parameters["name"] = Muster_V1_ParameterValue.with {
                    $0.text = String(repeating: "y", count: parameter)
                }
            }
        }
        #expect(refusal(text: 8192 - 4, parameter: 0) == nil && refusal(text: 8192 - 3, parameter: 0) == .malformedEvent)
        #expect(refusal(text: 0, parameter: 8192 - 4) == nil && refusal(text: 1, parameter: 8192 - 4) == .malformedEvent)
    }

    @Test("numbers stay within int64, and so does the number after the last")
    func numbers() {
        let end: UInt64 = 1 << 63
        #expect(refusal { $0.first = 0 } == .malformedEvent)
        #expect(refusal { $0.first = end - 2 } == nil)
        #expect(refusal { $0.first = end - 1 } == .malformedEvent)
        #expect(refusal { $0.first = .max } == .malformedEvent)
        for (first, count, isTaken) in [
            (1, end - 2, true), (1, end - 1, false), (1, .max, false), (1, 0, false), (end - 10, 9, true), (end - 10, 10, false),
        ] as [(UInt64, UInt64, Bool)] {
            let code = refusal {
                $0.first = first
                $0.events[0].gap.count = count
            }
            #expect(code == (isTaken ? nil : .malformedEvent), "\(first), \(count)")
        }
        #expect(
            refusal {
                $0.first = end - 2
                $0.events.append($0.events[0])
            } == .malformedEvent)
    }

    @Test("a later version's severities and kinds of parameter are no error")
    func later() throws {
        var batch = Muster_V1_EventBatch([event(1, parameters: ["known": .integer(1)])], clockOffset: .zero)
        batch.events[0].parameters["later"] = Muster_V1_ParameterValue()
        for (number, severity) in [(0, .info), (3, .error), (4, .critical), (5, .critical), (.max, .critical)]
            as [(UInt32, Severity)]
        {
            batch.events[0].severity = number
            guard case .event(let event) = try batch.numberedEvents()[0].content else { throw WireError.malformedEvent("a gap") }
            #expect(event.severity == severity && event.parameters == ["known": .integer(1)])
        }
        batch.events = [Muster_V1_Event(gap(1, count: 10))]
        batch.events[0].gap.bySeverity = [4: .max, 9: 2]
        guard case .gap(let gap) = try batch.numberedEvents()[0].content else { throw WireError.malformedEvent("no gap") }
        #expect(gap.counts == [.critical: 1])
    }

    @Test("a batch takes 200 events or 12 KiB of them, and at least one")
    func fitting() {
        let small = (1...500).map { event($0, type: "a", text: "") }
        #expect(Muster_V1_EventBatch.fitting(small).count == 200)
        let large = (1...10).map { event($0, text: String(repeating: "x", count: 4000)) }
        #expect(Muster_V1_EventBatch.fitting(large).count == 3)
        let huge = [event(1, text: String(repeating: "x", count: 13_000)), event(2)]
        #expect(Muster_V1_EventBatch.fitting(huge).map(\.last) == [1])
        #expect(Muster_V1_EventBatch.fitting([]).isEmpty)
    }

    @Test("the fullest batch of the largest events fits into a frame")
    func fitsFrame() throws {
        var largest = event(1, text: "")
        let room = DeviceEvent.maximumBytes - largest.encodedBytes - 4
        largest = event(1, text: String(repeating: "x", count: room))
        #expect((8180...8192).contains(largest.encodedBytes))
        let batch = Muster_V1_EventBatch(Muster_V1_EventBatch.fitting([largest, largest]), clockOffset: .zero)
        #expect(try Muster_V1_Frame(.events(batch)).serializedData().count <= FrameLimits.inSession)
        let small = (0..<200).map { event($0 + 1, text: String(repeating: "x", count: 24)) }
        let many = Muster_V1_EventBatch(Muster_V1_EventBatch.fitting(small), clockOffset: .milliseconds(Int64.min))
        #expect(try Muster_V1_Frame(.events(many)).serializedData().count <= FrameLimits.inSession)
    }
}
