import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Actions in a session")
struct ActionSessionTests {
    private func pair(permanent: Bool, _ orders: [ActionOrder]) -> Pair {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"])]
        device.acknowledged = device.reported
        device.statistics = DeviceStatistics(collected: noon, applications: ["device": ["uptime-seconds": 5]])
        var server = FakeServer()
        server.isPermanent = permanent
        server.reported = device.reported
        server.actions = orders
        return Pair(device: device, server: server)
    }

    private let order = ActionOrder(id: .random(), kind: ActionKind.synchronize.rawValue, expiresAfter: .hours(1))

    @Test("said after Welcome, done and settled before Done")
    func periodic() throws {
        var pair = pair(permanent: false, [order])
        try pair.run()
        #expect(
            pair.transcript == [
                "→ hello", "← welcome", "← action synchronize", "→ actionReport accepted", "→ statistics", "→ digests",
                "← plan wanted() coming()", "→ actionReport done", "← actionSettled", "→ done",
            ])
        #expect(pair.server.reports == ["accepted", "done"] && pair.device.actions.isEmpty && pair.device.collected == 1)
        #expect(pair.server.statistics.first?.applications["device"] == ["uptime-seconds": 5])
    }

    @Test("said on an open connection")
    func permanent() throws {
        var pair = pair(permanent: true, [])
        try pair.run()
        let before = pair.transcript.count
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        try pair.run()
        #expect(
            pair.transcript.dropFirst(before) == [
                "← action synchronize", "→ actionReport accepted", "→ statistics", "→ digests", "← plan wanted() coming()",
                "→ actionReport done", "← actionSettled", "→ done",
            ])
        #expect(pair.server.completed == 2)
    }

    @Test("what changed since the last look travels with it")
    func changed() throws {
        var pair = pair(permanent: true, [])
        try pair.run()
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        pair.device.reported[.system] = document(["hostName": "changed"])
        try pair.run()
        #expect(pair.isSynchronized && pair.server.reports == ["accepted", "done"])
    }

    @Test("the same action again, in the same session and in the next, is done once")
    func again() throws {
        var pair = pair(permanent: true, [order])
        try pair.run()
        let isSaid = pair.session.order(order)
        #expect(isSaid)
        // The server's word that it is settled came before: to the device it is a new one, and doing it again is harmless.
        try pair.run()
        #expect(pair.device.collected == 2 && pair.agentClosed == nil)
        pair.device.actions[order.id] = ActionReport(id: order.id, progress: .done, time: noon)
        pair.reconnect()
        try pair.run()
        #expect(pair.device.collected == 2 && pair.device.actions.isEmpty && pair.server.reports.suffix(1) == ["done"])
    }

    @Test("an action that was accepted and lost its connection is gone on with")
    func goesOn() throws {
        var pair = pair(permanent: false, [])
        pair.device.actions[order.id] = ActionReport(id: order.id, progress: .accepted, time: noon)
        pair.reconnect()
        try pair.run()
        #expect(pair.device.collected == 1 && pair.server.reports == ["done"] && pair.device.actions.isEmpty)
        #expect(pair.transcript.last == "→ done")
    }

    @Test("a kind that is not known fails, and says so")
    func unknownKind() throws {
        var pair = pair(permanent: false, [ActionOrder(id: .random(), kind: 77)])
        try pair.run()
        #expect(pair.server.reports == ["failed"] && pair.device.collected == 0 && pair.transcript.last == "→ done")
    }

    @Test("two at once are one look at the device")
    func twoAtOnce() throws {
        var pair = pair(permanent: false, [order, ActionOrder(id: .random(), kind: 1)])
        try pair.run()
        #expect(pair.device.collected == 1 && pair.server.reports.filter { $0 == "done" }.count == 2)
        #expect(pair.transcript.last == "→ done")
    }

    @Test("damaged ones end the session: no id, too much text, no progress")
    func damaged() {
        var session = ServerSession()
        _ = session.received(Muster_V1_Frame(.hello(FakeDevice().hello)))
        _ = session.recognized(FakeServer().known, now: noon)
        for change: (inout Muster_V1_ActionReport) -> Void in [
            { $0.id = .init() }, { $0.progress = .unknown }, { $0.text = String(repeating: "x", count: 1025) },
        ] {
            var copy = session
            var report = ActionReport(id: .random(), progress: .done, time: noon).message
            change(&report)
            let actions = copy.received(Muster_V1_Frame(.actionReport(report)))
            guard case .close(.malformedFrame, _) = actions.first else {
                Issue.record("\(actions)")
                continue
            }
        }
        var agent = AgentSession(FakeDevice().opening())
        _ = agent.received(Muster_V1_Frame(.welcome(Muster_V1_Welcome())))
        guard case .close(.malformedFrame, _, _) = agent.received(Muster_V1_Frame(.action(Muster_V1_Action()))).first else {
            Issue.record("an action without an id was taken")
            return
        }
    }
}
