import FoundationEssentials
import MusterModel
import MusterWire

/// The agent's side of the outputs of runs: one at a time, each kept until the server has said what became of it.
struct OutputStream: Sendable {
    private enum Step: Hashable, Sendable {
        /// Can go to: sent; or it is gone.
        case reading
        case sent
    }

    private var waiting: [RunID]
    private var current: (run: RunID, step: Step)?

    init(_ waiting: [RunID]) { self.waiting = waiting }

    var isSettled: Bool { waiting.isEmpty && current == nil }

    mutating func append(_ run: RunID) {
        if current?.run != run, !waiting.contains(run) { waiting.append(run) }
    }

    mutating func pump() -> [AgentSession.Action] {
        guard current == nil, !waiting.isEmpty else { return [] }
        let run = waiting.removeFirst()
        current = (run, .reading)
        return [.readOutput(run)]
    }

    /// - Returns: what is to be sent; nothing when there is none any more.
    mutating func read(_ run: RunID, _ output: RunOutput?) -> [Muster_V1_RunOutput] {
        guard let current, current.run == run, current.step == .reading else { return [] }
        guard let output, !output.bytes.isEmpty else {
            self.current = nil
            return []
        }
        self.current = (run, .sent)
        return output.pieces(of: run)
    }

    mutating func stored(_ message: Muster_V1_RunOutputStored) throws(WireError) -> [AgentSession.Action] {
        guard let current, current.step == .sent, current.run.bytes == Array(message.run) else {
            throw .malformedFrame("an answer to an output that was not sent")
        }
        self.current = nil
        // One that is to be sent again is said at the next session.
        return message.status == .busy ? [] : [.forgetOutput(current.run)]
    }
}
