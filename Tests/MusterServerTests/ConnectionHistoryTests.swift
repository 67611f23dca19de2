import MusterModel
import MusterStore
import Testing

@testable import MusterServer

/// What a device's connections leave in the history.
@Suite("History of connections")
struct ConnectionHistoryTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private struct Story {
        var history = ConnectionHistory(lastNumber: 0)
        let device = DeviceID.random()
        /// Everything written so far, as a database has it.
        var written: [Int64: ConnectionRecord] = [:]

        /// A connection of 200 ms.
        mutating func comes(
            _ second: Double, hello: String = "interval", from address: String = "192.0.2.1", end reason: CloseReason = .done,
            text: String = "", documents: Int64 = 0, events: Int64 = 0, for duration: Duration = .milliseconds(200),
            device: DeviceID? = nil
        ) {
            let now = start + .seconds(second)
            let number = history.opened(device ?? self.device, address: address, hello: hello, now: now)
            history.closed(number, reason: reason, text: text, documents: documents, events: events, now: now + duration)
        }

        mutating func isRefused(_ second: Double, _ reason: CloseReason = .deviceRevoked, from address: String = "192.0.2.1") {
            history.refused(
                device, reason: reason, text: "", address: address, hello: "retry", now: start + .seconds(second))
        }

        mutating func flush(_ second: Double) {
            for record in history.takeWaiting(now: start + .seconds(second)) { written[record.number] = record }
        }

        /// `3 interval done 0…1800`, oldest first.
        var lines: [String] {
            written.values.sorted { $0.number < $1.number }.map { record in
                let from = (record.opened - start).components.seconds
                let until = record.closed.map { "\(($0 - start).components.seconds)" } ?? "open"
                let what = record.isRefusal ? "refused" : record.hello
                return "\(record.count) \(what) \(record.reason?.code ?? "-") \(from)…\(until)"
            }
        }
    }

    @Test("those in which nothing is new are one entry, through flushes, and sum up")
    func runs() {
        var story = Story()
        for round in 0..<4 {
            story.comes(Double(round) * 900, documents: 1, events: 2)
            story.flush(Double(round) * 900 + 10)
        }
        #expect(story.lines == ["4 interval done 0…2700"])
        #expect(story.written.values.first?.documents == 4 && story.written.values.first?.events == 8)
    }

    @Test("another reason, address, end or text begins an entry; so does each day")
    func differences() {
        var story = Story()
        story.comes(0)
        story.comes(1, hello: "event")
        story.comes(2, hello: "event", from: "192.0.2.2")
        story.comes(3, hello: "event", from: "192.0.2.2", end: .closedByPeer)
        story.comes(4, hello: "event", from: "192.0.2.2", end: .closedByPeer, text: "reset")
        story.comes(5, hello: "event", from: "192.0.2.2", end: .closedByPeer, text: "reset")
        story.flush(6)
        #expect(story.lines.map { $0.prefix(1) } == ["1", "1", "1", "1", "2"])
        story = Story()
        for hour in 0..<50 { story.comes(Double(hour) * 3600) }
        story.flush(200_000)
        #expect(story.lines == ["24 interval done 0…82800", "24 interval done 86400…169200", "2 interval done 172800…176400"])
    }

    @Test("why it came has a run each, side by side; a failure and another address end them")
    func sideBySide() {
        var story = Story()
        for hour in 0..<6 {
            story.comes(Double(hour) * 3600)
            story.comes(Double(hour) * 3600 + 60, hello: "event", events: 1)
            story.comes(Double(hour) * 3600 + 120, hello: "change", documents: 1)
        }
        story.flush(20_000)
        #expect(story.lines == ["6 interval done 0…18000", "6 event done 60…18060", "6 change done 120…18120"])
        story.comes(21_000, end: .closedByPeer)
        story.comes(21_001)
        story.comes(21_002, from: "192.0.2.2")
        story.comes(21_003)
        story.flush(21_004)
        #expect(
            story.lines.dropFirst(3) == [
                "1 interval closedByPeer 21000…21000", "1 interval done 21001…21001", "1 interval done 21002…21002",
                "1 interval done 21003…21003",
            ])
    }

    @Test("a long connection has an entry of its own, written while it is open, and ends a run")
    func long() {
        var story = Story()
        story.comes(0)
        let number = story.history.opened(story.device, address: "192.0.2.1", hello: "interval", now: Self.start + .seconds(1))
        story.flush(60)
        #expect(story.lines == ["1 interval done 0…0"])
        #expect(story.history.unwritten(of: story.device).map(\.number) == [number], "shown all the same")
        story.flush(61)
        #expect(story.lines == ["1 interval done 0…0", "1 interval - 1…open"])
        story.flush(500)
        #expect(story.history.takeWaiting(now: Self.start + .seconds(510)).isEmpty, "once")
        story.history.closed(
            number, reason: .idleTimeout, text: "", documents: 3, events: 4, now: Self.start + .seconds(600))
        story.comes(700)
        story.flush(710)
        #expect(story.lines == ["1 interval done 0…0", "1 interval idleTimeout 1…600", "1 interval done 700…700"])
        #expect(story.history.unwritten(of: story.device).isEmpty)
    }

    @Test("the same refusal counts up, whatever address it comes from; the device's own connections do not part it")
    func refusals() {
        var story = Story()
        story.isRefused(0)
        story.comes(1)
        story.isRefused(10, from: "192.0.2.9")
        story.isRefused(20, .certificateSuperseded)
        story.comes(21)
        story.isRefused(30)
        story.flush(31)
        #expect(
            story.lines == ["3 refused deviceRevoked 0…30", "2 interval done 1…21", "1 refused certificateSuperseded 20…20"])
        #expect(story.written.values.contains { $0.isRefusal && $0.address == "192.0.2.1" && $0.count == 3 })
        #expect(story.history.lastRefusal(of: story.device)?.reason == .deviceRevoked, "30 is later than 20")
        #expect(story.history.lastRefusal(of: .random()) == nil)
        story.isRefused(86_401)
        story.flush(86_402)
        #expect(story.lines.last == "1 refused deviceRevoked 86401…86401")
    }

    @Test("devices do not mix, and numbers rise whatever the clock does")
    func devices() {
        var story = Story()
        let other = DeviceID.random()
        story.comes(1000)
        story.comes(900, device: other)
        story.comes(0, from: "192.0.2.3")
        let records = story.history.takeWaiting(now: Self.start)
        #expect(records.map(\.device) == [story.device, other, story.device])
        #expect(Set(records.map(\.number)).count == 3)
        var later = ConnectionHistory(lastNumber: .max - 10)
        #expect(later.opened(other, address: "", hello: "", now: Self.start) == .max - 9, "a database whose clock was ahead")
    }

    @Test("a device that comes all the time, each time otherwise, makes 60 entries an hour")
    func hammering() {
        var story = Story()
        for number in 0..<1000 { story.comes(Double(number) * 0.3, from: "192.0.2.\(number)") }
        story.flush(400)
        #expect(story.written.count == ConnectionHistory.entriesPerHour)
        #expect(story.written.values.reduce(0) { $0 + $1.count } == 1000, "none is uncounted")
        story.comes(3601, hello: "manual")
        story.flush(3602)
        #expect(story.lines.last == "1 manual done 3601…3601")
    }

    @Test("past its bound entries are lost and counted; what was put back does not go over what is newer")
    func bounds() {
        var story = Story()
        let surplus = 10
        for _ in 0..<(ConnectionHistory.maximumWaiting + surplus) { story.comes(0, device: .random()) }
        #expect(story.history.lost == UInt64(surplus))
        let taken = story.history.takeWaiting(now: Self.start)
        #expect(taken.count == ConnectionHistory.maximumWaiting)

        story = Story()
        story.comes(0)
        let old = story.history.takeWaiting(now: Self.start)
        story.comes(1)
        story.history.putBack(old)
        story.flush(2)
        #expect(story.lines == ["2 interval done 0…1"])
        #expect(story.history.takeGrown() == [story.device] && story.history.takeGrown().isEmpty)
    }
}
