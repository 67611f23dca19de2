import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Probes: answered, and nothing comes of them")
struct ProbeTests {
    private let probe = AgentProbe(agentVersion: "1.0", runID: 7, time: noon)

    /// A server session that answered a probe, with all that a session of the device would make it do.
    private func answered() throws -> (ServerSession, welcome: Muster_V1_Welcome, actions: [ServerSession.Action]) {
        var (agent, session) = (probe, ServerSession())
        let hello = agent.nextFrame()
        let first = try #require(hello)
        #expect(session.received(first).count == 1)
        var known = FakeServer().known
        known.isFirstUse = true
        known.noticeReceived = noon
        known.highestSession = 0
        known.reported = [.system: Document.empty.digest]
        known.positions = [1: StoredPlace(last: 9, stamp: 4)]
        let actions = session.recognized(known, now: noon)
        guard case .welcome(let welcome) = session.nextFrame()?.body else {
            throw WireError.malformedFrame("no Welcome")
        }
        return (session, welcome, actions)
    }

    @Test("Hello, Welcome, Done: no order to the house, no synchronization")
    func transcript() throws {
        var (session, welcome, actions) = try answered()
        #expect(actions.isEmpty)
        #expect(welcome.noticeReceived == UInt64(noon.milliseconds))
        #expect(welcome.time == noon.milliseconds && welcome.nextSynchronization == 900_000)
        #expect(!welcome.hasPlan && !welcome.wantDigests && welcome.eventCredit == 0 && welcome.eventsStored == 0)
        var agent = probe
        #expect(agent.nextFrame().map(line) == "hello")
        #expect(
            agent.received(Muster_V1_Frame(.welcome(welcome))) == [
                .answered(.init(time: noon, renewal: .none, noticeReceived: noon))
            ])
        let last = agent.nextFrame()
        let done = try #require(last)
        #expect(line(done) == "done" && agent.nextFrame() == nil)
        #expect(session.received(done) == [.close(.done, text: "")])
        #expect(session.received(done) == [] && session.nextFrame() == nil)
    }

    @Test("after Welcome only Done and Goodbye have a place", arguments: Message.allCases)
    func matrix(message: Message) throws {
        var (session, _, _) = try answered()
        let actions = session.received(message.frame)
        let reason: CloseReason? =
            switch message {
            case .hello: .secondHello
            case .goodbye: .replaced
            case .done: .done
            case .pong, .later: nil
            default: .unexpectedMessage
            }
        #expect(ServerRefusalTests.closes(actions) == (reason.map { [$0] } ?? []))
        #expect(actions.count == (reason == nil ? 0 : 1), "nothing but its end")
    }

    @Test("a silent one is ended")
    func silence() throws {
        var (session, _, _) = try answered()
        #expect(ServerRefusalTests.closes(session.fellSilent()) == [.idleTimeout])
    }

    @Test("a refusal is the answer")
    func refused() {
        var agent = probe
        _ = agent.nextFrame()
        #expect(
            agent.received(Message.goodbye.frame) == [.close(.replaced, retryAfter: .seconds(3), text: "why")])
        #expect(agent.nextFrame() == nil && agent.received(Message.goodbye.frame) == [])
    }

    @Test("any other answer ends it", arguments: Message.allCases.filter { $0 != .welcome && $0 != .goodbye })
    func strange(message: Message) {
        var agent = probe
        _ = agent.nextFrame()
        guard case .close(.unexpectedMessage, nil, _) = agent.received(message.frame).first else {
            Issue.record("\(message) was taken")
            return
        }
        #expect(agent.nextFrame().map(line) == "goodbye unexpectedMessage")
    }
}
