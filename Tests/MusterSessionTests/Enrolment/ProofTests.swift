import FoundationEssentials
import MusterModel
import MusterWire
import Testing

@testable import MusterSession

@Suite("Is the connected device still there?")
struct ProofTests {
    private func pong(_ id: UInt64) -> Muster_V1_Frame {
        var pong = Muster_V1_Pong()
        pong.id = id
        return Muster_V1_Frame(.pong(pong))
    }

    @Test("only the answer to the ping shows it")
    func answered() throws {
        var server = FakeServer()
        server.isPermanent = true
        var pair = Pair(device: FakeDevice(), server: server)
        try pair.run()
        var session = pair.session
        let isAsked = session.askForProof()
        #expect(isAsked && session.isProofAwaited)
        guard case .ping(let ping)? = session.nextFrame()?.body else {
            Issue.record("no ping")
            return
        }
        let isAskedAgain = session.askForProof()
        let more = session.nextFrame()
        #expect(isAskedAgain && more == nil, "asked again, the same ping does")
        let other = session.received(pong(ping.id + 1))
        #expect(other.isEmpty && session.isProofAwaited)
        let answer = session.received(pong(ping.id))
        #expect(answer.isEmpty && !session.isProofAwaited)
    }

    @Test("a session that has not begun, or has ended, is not there")
    func notThere() throws {
        var session = ServerSession()
        let isThereBefore = session.askForProof()
        #expect(!isThereBefore && !session.isProofAwaited)
        _ = session.stop(.serverStopping)
        let isThereAfter = session.askForProof()
        #expect(!isThereAfter)
    }

    @Test("a copy is given a token that no order shows; the agent keeps it")
    func token() {
        var agent = AgentSession(FakeDevice().opening(reason: .start))
        guard case .hello(let hello)? = agent.nextFrame()?.body else {
            Issue.record("no Hello")
            return
        }
        var server = ServerSession()
        #expect(!server.knowsEnrolAnew)
        _ = server.received(Muster_V1_Frame(.hello(hello)))
        #expect(server.knowsEnrolAnew)
        let orders = server.enrolsAnew(with: "secret")
        #expect(orders == [.close(.enrolAnew, text: "")])
        guard let goodbye = server.nextFrame() else {
            Issue.record("no Goodbye")
            return
        }
        let heard = agent.received(goodbye)
        #expect(heard == [.close(.enrolAnew, retryAfter: nil, text: "")])
        #expect(agent.enrolmentToken == "secret")
        let again = server.enrolsAnew(with: "again")
        #expect(again.isEmpty)
    }
}
