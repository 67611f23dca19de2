import Foundation
import MusterTestKit
import Synchronization

/// A program on the device that raises events, numbered in their texts, and keeps what became of each: the other half of the account.
final class EventSource: Sendable {
    /// What the agent said.
    enum Outcome: Equatable, Sendable {
        /// It is durable and has this number.
        case stored(sequence: Int)
        /// Asked, and the agent was gone before it answered: there, or not.
        case unknown
        /// Not kept, with this code.
        case refused(String)
    }

    struct Raised: Equatable, Sendable {
        var number: Int
        var outcome: Outcome

        var text: String { EventSource.text(number) }
    }

    private struct State {
        var raised: [Raised] = []
        var isStopping = false
        /// Nil while no thread raises.
        var ended: DispatchSemaphore?
    }

    static let type = "load"
    static func text(_ number: Int) -> String { "event \(number)" }

    private let stateDirectory: String
    private let state = Mutex(State())

    init(_ agent: TestAgent) { stateDirectory = agent.stateDirectory }

    var raised: [Raised] { state.withLock { $0.raised } }

    /// Raises so many, one after the other.
    /// - Parameter more: members of the request beside its text.
    @concurrent
    func raise(_ count: Int, _ more: [String: String] = [:], filling: Bool = false) async throws {
        guard let socket = AgentSocket(stateDirectory) else { throw FixtureError(description: "no agent to raise events at") }
        for _ in 0..<count { raiseOne(on: socket, more, filling: filling) }
    }

    /// Raises events until `stop`, through the agent's restarts.
    /// - Parameter pause: between one answer and the next event.
    func start(pause: Duration = .milliseconds(2)) {
        let ended = DispatchSemaphore(value: 0)
        state.withLock { state in
            state.isStopping = false
            state.ended = ended
        }
        Thread.detachNewThread {
            self.run(pause: Double(pause.components.attoseconds) / 1e18)
            ended.signal()
        }
    }

    /// Returns when the last event is answered.
    @concurrent
    func stop() async {
        let ended = state.withLock { state in
            state.isStopping = true
            defer { state.ended = nil }
            return state.ended
        }
        Self.wait(for: ended)
    }

    /// Has the agent synchronize now, whatever its back-off says; does not wait for it.
    func nudge() { AgentSocket(stateDirectory)?.send(["request": "sync"]) }

    private static func wait(for ended: DispatchSemaphore?) { ended?.wait() }

    private func run(pause: Double) {
        var socket: AgentSocket?
        while !state.withLock({ $0.isStopping }) {
            Thread.sleep(forTimeInterval: pause)
            if socket == nil { socket = AgentSocket(stateDirectory) }
            guard let open = socket else { continue }
            if raiseOne(on: open) == .unknown { socket = nil }
        }
    }

    @discardableResult
    private func raiseOne(on socket: AgentSocket, _ more: [String: String] = [:], filling: Bool = false) -> Outcome {
        let number = state.withLock { $0.raised.count + 1 }
        var request: [String: Any] = ["request": "event", "type": Self.type, "severity": "info", "text": Self.text(number)]
        request.merge(more) { $1 }
        if filling { request["parameters"] = Self.filling }
        let outcome = Outcome(socket.ask(request))
        state.withLock { $0.raised.append(Raised(number: number, outcome: outcome)) }
        return outcome
    }

    /// Some 7.5 KiB: 14 parameters at their longest; an event has at most 8 KiB.
    private static let filling = Dictionary(
        uniqueKeysWithValues: (1...14).map { ("filling-\($0)", ["text": String(repeating: "x", count: 512)]) })
}

extension EventSource.Outcome {
    /// - Parameter answer: of the agent; nil when none came.
    init(_ answer: [String: Any]?) {
        let sequence = (answer?["event"] as? [String: Any])?["sequence"] as? Int
        let code = (answer?["error"] as? [String: Any])?["code"] as? String
        switch (sequence, code) {
        case (let sequence?, _): self = .stored(sequence: sequence)
        // A stopping agent may have written it before it gave up on the answer.
        case (nil, "notRunning"), (nil, "timedOut"), (nil, "internalError"), (nil, nil): self = .unknown
        case (nil, let code?): self = .refused(code)
        }
    }
}
