import MusterModel
import MusterSession
import MusterWire
import NIOCore

/// Asks the server, over a connection that is up, what a session of this device would be told. It leaves no trace there.
struct AuthorizationProbe {
    static let timeout = Duration.seconds(10)

    struct Answer: Sendable {
        var answer: AgentProbe.Answer
        /// Server minus device.
        var clockOffset: Duration
        var took: Duration
    }

    let channel: ServerChannel
    let now: @Sendable () -> Timestamp

    func ask() async throws(LinkFailure) -> Answer {
        let asked = now()
        let began = ContinuousClock.now
        var machine = AgentProbe(agentVersion: AgentVersion.current, runID: .random(in: 1 ... .max), time: asked)
        let channel = channel.frames.channel
        // Closed when the time is over: the wait for frames ends with it.
        let deadline = channel.eventLoop.scheduleTask(in: .milliseconds(Self.timeout.milliseconds)) {
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        let actions: [AgentProbe.Action]
        do {
            actions = try await exchange(&machine)
        } catch {
            throw LinkFailure(.closedByPeer, "the connection was lost: \(ErrorWords.text(of: error))")
        }
        switch actions.first {
        case .answered(let answer):
            // The server read its clock between our Hello and its Welcome.
            return Answer(
                answer: answer, clockOffset: answer.time - (asked + (now() - asked) / 2), took: ContinuousClock.now - began)
        case .close(let reason, let retryAfter, let text): throw LinkFailure(reason, text, retryAfter: retryAfter)
        case nil where ContinuousClock.now - began >= Self.timeout:
            throw LinkFailure(.idleTimeout, "the server did not answer within \(Self.timeout.text)")
        case nil: throw LinkFailure(.closedByPeer, "the server closed the connection without an answer")
        }
    }

    private func exchange(_ machine: inout AgentProbe) async throws -> [AgentProbe.Action] {
        try await channel.frames.executeThenClose { inbound, outbound in
            while let frame = machine.nextFrame() { try await outbound.write(frame) }
            for try await frame in inbound {
                let actions = machine.received(frame)
                while let frame = machine.nextFrame() { try await outbound.write(frame) }
                if !actions.isEmpty { return actions }
            }
            return []
        }
    }

    /// Ends a connection of the enrolment's protocol on which nothing is asked: a token is not used up by it.
    static func leave(_ channel: ServerChannel) async {
        try? await channel.frames.executeThenClose { _, outbound in
            let goodbye = Muster_V1_Goodbye(.closedByPeer, retryAfter: nil, text: "a check before enrolment")
            try await outbound.write(Muster_V1_Frame(.goodbye(goodbye)))
        }
    }
}
