import MusterModel
import MusterWire
import Testing

@testable import MusterSession

/// A device whose state is put back to an earlier copy of itself: a new epoch, everything delivered once, nothing new taken for old.
@Suite("A device that is put back")
struct RollBackTests {
    private func pair(events count: Int) -> Pair {
        var device = FakeDevice()
        for number in 0..<count { device.raise(deviceEvent("e\(number + 1)")) }
        return Pair(device: device, server: FakeServer())
    }

    /// Another device in the first one's place, connected anew.
    private func putBack(_ pair: inout Pair, to copy: FakeDevice, raising texts: [String] = []) throws {
        pair.device = copy
        for text in texts { pair.device.raise(deviceEvent(text)) }
        pair.reconnect()
        try pair.run()
    }

    @Test("with events that were stored, and a new one under a number that was")
    func overlapping() throws {
        var pair = pair(events: 3)
        let copy = pair.device
        pair.raise(deviceEvent("e4"))
        pair.raise(deviceEvent("e5"))
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4", "e5"])

        try putBack(&pair, to: copy, raising: ["other 4"])
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 1+5", "← eventsStored 5", "→ done"])
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4", "e5", "other 4", "rolled back"])
        #expect(pair.device.epoch != 100 && pair.device.next == 6 && pair.device.spool.isEmpty)

        pair.device.raise(deviceEvent("e6 of the new epoch"))
        pair.reconnect()
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 6+1", "← eventsStored 6", "→ done"])
        #expect(pair.server.texts.last == "e6 of the new epoch" && pair.server.events.count == 8)
    }

    @Test("gone past what is stored before it connects: seen by the stamp", arguments: [2, 3, 40])
    func past(count: Int) throws {
        var pair = pair(events: 3)
        try pair.run()
        let copy = pair.device
        pair.device.raise(deviceEvent("e4"))
        pair.device.raise(deviceEvent("e5"))
        pair.reconnect()
        try pair.run()

        let others = (4..<(4 + count)).map { "other \($0)" }
        try putBack(&pair, to: copy, raising: others)
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4", "e5"] + others + ["rolled back"])
        #expect(pair.isSynchronized)
    }

    @Test("with nothing held: a new epoch that says so")
    func empty() throws {
        var pair = pair(events: 0)
        pair.server.positions = [100: StoredPlace(last: 5, stamp: 9)]
        try pair.run()
        #expect(pair.transcript == ["→ hello", "← welcome", "→ events 1+1", "← eventsStored 1", "→ done"])
        #expect(pair.server.texts == ["rolled back"] && pair.server.completed == 1)
    }

    @Test("to a copy from before anything was stored elsewhere: nothing was lost, and no epoch begins")
    func unchanged() throws {
        var pair = pair(events: 3)
        try pair.run()
        try putBack(&pair, to: pair.device, raising: ["e4"])
        #expect(pair.server.texts == ["e1", "e2", "e3", "e4"] && pair.device.epoch == 100)
    }

    @Test("again and again to one copy, and to a copy from after the first time: nothing is stored twice")
    func again() throws {
        var pair = pair(events: 3)
        let copy = pair.device
        pair.raise(deviceEvent("e4"))
        try pair.run()
        for turn in 1...3 { try putBack(&pair, to: copy, raising: ["turn \(turn)"]) }
        let expected = ["e1", "e2", "e3", "e4"] + (1...3).flatMap { ["turn \($0)", "rolled back"] }
        #expect(pair.server.texts == expected)
    }

    @Test("put back while events wait under their second place: each former place is looked at")
    func secondPlace() throws {
        var pair = pair(events: 0)
        try pair.run()
        pair.device.raise(deviceEvent("e1"))
        let copy = pair.device
        pair.device.raise(deviceEvent("e2"))
        pair.reconnect()
        try pair.run()
        // The copy never sent its second event, which then waits in the new epoch when it is copied again.
        pair.device = copy
        pair.device.raise(deviceEvent("waits"))
        var second = pair.device
        var session = AgentSession(second.opening())
        _ = second.run(.beginEpoch(StoredPlace(last: 2, stamp: 1)), on: &session)
        try putBack(&pair, to: second)
        try putBack(&pair, to: second, raising: ["later"])
        #expect(pair.server.texts.count { $0 == "e1" } == 1 && pair.server.texts.count { $0 == "waits" } == 1)
        #expect(pair.server.texts.contains("later") && pair.isSynchronized)
    }

    @Test("a server put back to before the device's last session notices, and serves")
    func server() throws {
        var pair = pair(events: 1)
        try pair.run()
        let last = try #require(pair.device.word?.session)
        pair.server.highestSession = last
        pair.reconnect()
        try pair.run()
        #expect(pair.server.rollBacks == [] && pair.server.completed == 2)

        pair.server.highestSession = last - 1
        pair.reconnect()
        try pair.run()
        #expect(pair.server.rollBacks == [last - 1] && pair.server.completed == 3)
    }

    @Test("an event written while the epoch begins is sent under it")
    func beginning() throws {
        var pair = pair(events: 2)
        pair.server.positions = [100: StoredPlace(last: 5, stamp: 9)]
        _ = try pair.agentWrites()
        _ = try pair.arriveAtServer(.max)
        while pair.serverWorks() {}
        _ = try pair.serverWrites()
        _ = try pair.arriveAtAgent(.max)
        #expect(pair.agentWork.contains(.beginEpoch(StoredPlace(last: 5, stamp: 9))))
        pair.raise(deviceEvent("e3"))
        try pair.run()
        #expect(pair.server.texts == ["e1", "e2", "e3", "rolled back"] && pair.isSynchronized)
    }
}
