import FoundationEssentials
package import MusterModel
package import MusterWire

/// The agent's end of a probe: asks what a session would be told, and leaves no trace at the server. Nothing of the answer is kept.
package struct AgentProbe: Sendable {
    package enum Action: Hashable, Sendable {
        /// A session would be served. Write what `nextFrame` gives, then close.
        case answered(Answer)
        case close(CloseReason, retryAfter: Duration?, text: String)
    }

    package struct Answer: Hashable, Sendable {
        /// The server's clock.
        package var time: Timestamp
        package var renewal: Muster_V1_Renewal
        /// When the server last heard a shutdown notice of this device by UDP, by its clock; nil: it knows of none.
        package var noticeReceived: Timestamp?

        package init(time: Timestamp, renewal: Muster_V1_Renewal, noticeReceived: Timestamp? = nil) {
            self.time = time
            self.renewal = renewal
            self.noticeReceived = noticeReceived
        }
    }

    private enum State {
        /// Hello is said. Can go to: ended.
        case awaitingWelcome
        case ended
    }

    private var state = State.awaitingWelcome
    private var outbox = Outbox()

    package init(agentVersion: String, runID: UInt64, time: Timestamp) {
        var hello = Muster_V1_Hello()
        hello.version = ProtocolVersion.major
        hello.agentVersion = agentVersion
        hello.features = FeatureSet.own.message
        hello.runID = runID
        hello.reason = .probe
        // Of the right form; not looked at.
        let none = [DocumentName: Digest]().root(of: .own)
        hello.reportedRoot = .init(none.bytes)
        hello.heldRoot = .init(none.bytes)
        hello.events = EventPosition(epoch: 1, firstHeld: 1, next: 1).message
        hello.time = time.milliseconds
        outbox.append(control: .hello(hello))
    }

    package mutating func nextFrame() -> Muster_V1_Frame? { outbox.next() }

    package mutating func received(_ frame: Muster_V1_Frame) -> [Action] {
        guard case .awaitingWelcome = state else { return [] }
        state = .ended
        switch frame.body {
        case .welcome(let welcome):
            outbox.append(control: .done(Muster_V1_Done()))
            let notice: Timestamp? =
                welcome.noticeReceived == 0 ? nil : Timestamp(milliseconds: Int64(clamping: welcome.noticeReceived))
            return [
                .answered(
                    Answer(time: Timestamp(milliseconds: welcome.time), renewal: welcome.renewal, noticeReceived: notice))
            ]
        case .goodbye(let goodbye):
            let retry: Duration? = goodbye.retryAfter == 0 ? nil : .milliseconds(Int64(clamping: goodbye.retryAfter))
            let reason = CloseReason(rawValue: goodbye.reason) ?? .closedByPeer
            return [.close(reason, retryAfter: retry, text: goodbye.text)]
        default:
            let text = "an answer to a probe that is none"
            outbox.append(control: .goodbye(Muster_V1_Goodbye(.unexpectedMessage, retryAfter: nil, text: text)))
            return [.close(.unexpectedMessage, retryAfter: nil, text: text)]
        }
    }
}
