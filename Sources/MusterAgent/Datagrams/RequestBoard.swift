package import MusterModel
package import MusterSession
import MusterTrust
import Synchronization

/// How things stand with connection requests in the running agent: the gate, whether the port is open, and the server's clock. Written by the
/// listener and the link, read by the status and the inventory.
final class RequestBoard: Sendable {
    private struct State {
        /// Nil until it is loaded: nothing is accepted then.
        var gate: ConnectionRequestGate?
        var clock: ServerClock?
        var settings = RequestSettings()
        /// 0: not listening.
        var port: UInt16 = 0
        var failure: String?
        var firewall = FirewallState()
        var lastAccepted: Timestamp?
    }

    private let state = Mutex(State())
    /// Rung when the document `agent` was stored anew.
    private let bell: AsyncStream<Void>.Continuation
    let settingsChanges: AsyncStream<Void>

    init() { (settingsChanges, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// What the disk knows: who this device is, whom it trusts, and how the clocks stood.
    /// - Parameters:
    ///   - now: by the device's clock.
    ///   - clock: of a session just ended; nil keeps what is known, at first what the disk says.
    func learn(_ known: KnownRequests, clock: ServerClock?, now: Timestamp) {
        state.withLock { state in
            if state.gate == nil {
                state.gate = ConnectionRequestGate(trust: known.trust, counter: known.counter)
            } else {
                state.gate?.learnt(known.trust)
            }
            state.clock = clock ?? state.clock ?? known.clockOffset.map { ServerClock(time: now + $0, learnt: .now) }
        }
    }

    /// On an event loop: at most 10 signatures a second are checked here, 70 µs each.
    func received(_ bytes: [UInt8], now: Timestamp) -> ConnectionRequestGate.Verdict {
        let instant = ContinuousClock.now
        return state.withLock { state in
            let time = state.clock?.time(at: instant)
            let verdict = state.gate?.received(bytes, now: instant, serverTime: time) ?? .dropped(.foreign)
            if case .accepted = verdict { state.lastAccepted = now }
            return verdict
        }
    }

    /// By the server's clock where it is known.
    func serverTime(now: Timestamp) -> Timestamp { state.withLock { $0.clock }?.time(at: .now) ?? now }

    var udpPort: UInt16 { state.withLock { $0.port } }

    func listening(on port: UInt16, failure: String?, settings: RequestSettings) {
        state.withLock { state in
            state.port = port
            state.failure = failure
            state.settings = settings
        }
    }

    func firewall(_ firewall: FirewallState) { state.withLock { $0.firewall = firewall } }

    func settingsMayHaveChanged() { bell.yield() }

    var report: ConnectionRequestReport {
        state.withLock { state in
            ConnectionRequestReport(
                listens: state.settings.listens, wantedPort: state.settings.port, port: state.port, failure: state.failure,
                firewall: state.firewall,
                lastAccepted: state.lastAccepted, counters: state.gate?.counters ?? ConnectionRequestCounters())
        }
    }
}

/// What the disk knows that requests are judged by.
struct KnownRequests: Sendable {
    let trust: ConnectionRequestGate.Trust
    let counter: UInt64
    let clockOffset: Duration?

    init(_ state: AgentState) throws(AgentError) {
        guard let identity = try state.identity() else {
            throw AgentError(.notEnrolled, "this device is not enrolled (muster-agent enrol …)")
        }
        let facts = try state.facts()
        let key = facts.serverCertificateDER.flatMap { try? CertificateFacts(der: $0) }?.publicKey
        trust = .init(device: identity.device, serverKey: key, pins: try state.pins())
        counter = facts.requestCounter
        clockOffset = facts.clockOffset
    }
}

/// Connection requests, as `muster-agent status` shows them.
package struct ConnectionRequestReport: Codable, Hashable, Sendable {
    /// By the settings.
    package var listens: Bool
    package var wantedPort: UInt16
    /// UDP, where it really listens; 0: nowhere.
    package var port: UInt16
    /// Why it does not listen where it should; `port` is the one before then.
    package var failure: String?
    package var firewall: FirewallState
    /// By the device's clock; since the agent started.
    package var lastAccepted: Timestamp?
    package var counters: ConnectionRequestCounters
}

extension ConnectionRequestReport {
    /// For the table.
    package var receivedText: String { "\(counters.received), accepted \(counters.accepted)" }

    /// Nil when nothing was.
    package var droppedText: String? {
        let dropped = [
            ("forged", counters.forged), ("replayed", counters.replayed), ("foreign", counters.foreign),
            ("truncated", counters.truncated), ("late", counters.late), ("flooded", counters.flooded),
        ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return dropped.isEmpty ? nil : dropped.joined(separator: ", ")
    }
}
