import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("The agent's end: messages that have no place")
struct AgentRefusalTests {
    enum State: String, CaseIterable, Sendable { case awaitingWelcome, awaitingPlan, synchronizing, renewing, complete, closed }

    /// An agent with one document to send and none to get, brought to a state by what it hears; its outbox is empty.
    static func agent(in state: State) -> AgentSession {
        var device = FakeDevice()
        device.reported = [.system: document(["hostName": "a"])]
        var agent = AgentSession(device.opening())
        switch state {
        case .awaitingWelcome: break
        case .awaitingPlan: _ = agent.received(FrameOf.welcome { $0.wantDigests = true })
        case .synchronizing: _ = agent.received(FrameOf.welcome { $0.plan = FrameOf.plan(wanted: [.system]) })
        case .renewing: _ = agent.received(FrameOf.welcome { $0.renewal = .only })
        case .complete:
            _ = agent.received(FrameOf.welcome())
            _ = agent.finish()
        case .closed: _ = agent.stop(.agentStopping)
        }
        _ = agent.frames()
        return agent
    }

    /// Nil: the message is taken.
    private func reason(_ message: Message, in state: State) -> CloseReason? {
        switch (message, state) {
        case (.ping, _), (.pong, _), (.later, _), (.welcome, .awaitingWelcome), (.plan, .awaitingPlan): nil
        case (.goodbye, _): .replaced
        case (.eventsStored, .awaitingPlan), (.eventsStored, .synchronizing), (.eventsStored, .complete): nil
        case (.document, .awaitingPlan), (.document, .synchronizing), (.document, .complete),
            (.chunk, .awaitingPlan), (.chunk, .synchronizing), (.chunk, .complete),
            (.result, .awaitingPlan), (.result, .synchronizing), (.result, .complete):
            .malformedFrame
        default: .unexpectedMessage
        }
    }

    @Test(
        "every message in every state: taken, or closed with its reason and Goodbye, for good", arguments: State.allCases,
        Message.allCases)
    func matrix(state: State, message: Message) {
        var agent = Self.agent(in: state)
        let closes = agent.received(message.frame).compactMap { action in
            if case .close(let reason, _, _) = action { reason } else { nil }
        }
        guard state != .closed else {
            #expect(closes.isEmpty && agent.frames().isEmpty)
            return
        }
        let reason = reason(message, in: state)
        #expect(closes == (reason.map { [$0] } ?? []))
        guard let reason else { return }
        #expect(agent.frames().map(line) == (message == .goodbye ? [] : ["goodbye \(reason.code)"]))
        // Closed: nothing is taken, answered or ordered any more.
        for message in Message.allCases { #expect(agent.received(message.frame) == []) }
        #expect(agent.eventsAppended(next: 9) == [] && agent.documentsChanged([:]) == [] && agent.finish() == [])
        #expect(agent.documentReady(OutgoingDocument(.empty, named: .system)) == [] && agent.certificateRequestReady([1]) == [])
        #expect(agent.documentHeld(.agent, Document.empty.digest, status: .stored) == [] && agent.stop(.agentStopping) == [])
        #expect(agent.eventsRead([], clockOffset: .zero) == [] && agent.frames().isEmpty && !agent.isComplete)
    }

    @Test("Goodbye says why and when to come back; a reason of a later version is no error")
    func goodbye() {
        var agent = Self.agent(in: .synchronizing)
        #expect(agent.received(Message.goodbye.frame) == [.close(.replaced, retryAfter: .seconds(3), text: "why")])
        agent = Self.agent(in: .awaitingWelcome)
        var goodbye = Muster_V1_Goodbye()
        goodbye.reason = 9999
        goodbye.retryAfter = .max
        #expect(
            agent.received(Muster_V1_Frame(.goodbye(goodbye)))
                == [.close(.closedByPeer, retryAfter: .milliseconds(Int64.max), text: "")])
    }

    @Test("pings are answered by their ids, in every open state", arguments: State.allCases.dropLast())
    func pings(state: State) {
        var agent = Self.agent(in: state)
        #expect(agent.received(FrameOf.ping(.max)) == [])
        guard case .pong(let pong) = agent.nextFrame()?.body else { return #expect(Bool(false), "no pong") }
        #expect(pong.id == .max && agent.nextFrame() == nil)
    }

    @Test("a flood of pings whose answers are not read ends the session, and memory stays bounded")
    func pingFlood() {
        var agent = Self.agent(in: .synchronizing)
        for id in 0..<UInt64(Outbox.maximumControl) { #expect(agent.received(FrameOf.ping(id)) == []) }
        #expect(agent.received(FrameOf.ping(0)) == [.close(.busy, retryAfter: nil, text: "answers are not read")])
        #expect(agent.frames().map(line) == ["goodbye busy"])
        // Read meanwhile, any number is answered.
        agent = Self.agent(in: .synchronizing)
        for id in 0..<UInt64(1000) {
            #expect(agent.received(FrameOf.ping(id)) == [])
            #expect(agent.frames().map(line) == ["pong"])
        }
    }

    @Test("documents: begun twice, not announced, sent again while it is being stored, results twice")
    func documents() {
        func coming() -> AgentSession {
            var agent = AgentSession(FakeDevice().opening())
            _ = agent.received(FrameOf.welcome { $0.plan = FrameOf.plan(coming: [.agent]) })
            _ = agent.frames()
            return agent
        }
        let text = document(["interval": "60"])
        func isClosed(_ actions: [AgentSession.Action], _ reason: CloseReason) -> Bool {
            if case .close(reason, _, _) = actions.last { true } else { false }
        }
        var agent = coming()
        #expect(agent.received(FrameOf.head(text, .agent)) == [])
        #expect(isClosed(agent.received(FrameOf.head(text, .agent)), .malformedFrame))

        agent = coming()
        #expect(isClosed(agent.received(FrameOf.head(text, .system)), .malformedFrame))

        agent = coming()
        _ = agent.received(FrameOf.head(text, .agent))
        #expect(isClosed(agent.received(FrameOf.chunk(text.body + [0])), .malformedDocument))

        agent = coming()
        _ = agent.received(FrameOf.head(text, .agent))
        guard case .hold(let incoming) = agent.received(FrameOf.chunk(text.body)).first else {
            return #expect(Bool(false), "no hold")
        }
        #expect(isClosed(agent.received(FrameOf.head(text, .agent)), .malformedFrame))

        agent = coming()
        _ = agent.received(FrameOf.head(text, .agent))
        _ = agent.received(FrameOf.chunk(text.body))
        #expect(agent.documentHeld(.system, incoming.digest, status: .stored) == [])
        #expect(agent.documentHeld(.agent, incoming.digest, status: .stored) == [.settled])
        #expect(agent.documentHeld(.agent, incoming.digest, status: .stored) == [])
        #expect(agent.frames().map(line) == ["result agent stored"] && agent.summary.documentsReceived == 1)

        agent = Self.agent(in: .synchronizing)
        #expect(
            agent.received(FrameOf.result(.system, .stored, text.digest)) == [.keepAcknowledged(.system, text.digest), .settled])
        #expect(isClosed(agent.received(FrameOf.result(.system, .stored, text.digest)), .malformedFrame))
    }

    @Test("a plan that wants what there is not, what is desired, what is not known, and one thing twice")
    func strangePlans() {
        var agent = Self.agent(in: .awaitingPlan)
        var plan = FrameOf.plan(wanted: [.hardware, .agent, .system, .system], coming: [.system])
        plan.wanted[1].document = 999
        plan.coming.append(999)
        #expect(agent.received(Muster_V1_Frame(.plan(plan))) == [.prepareDocument(.system, basis: nil)])
        #expect(agent.received(FrameOf.result(.system, .busy)) == [.settled])
        #expect(agent.finish() == [] && agent.frames().map(line) == ["done"])
    }
}
