package import MusterAgent
package import MusterModel
import MusterSession
package import MusterWire

/// One device of the fleet as a value: takes facts, returns orders. It decides when to connect and why; what is said in a session is
/// `AgentSession`'s. Time is the run's clock, from its start.
package struct SimulatedDevice: Sendable {
    private enum State: Hashable {
        /// A timer runs. Can go to: connected, stopped.
        case waiting(due: Duration, Muster_V1_HelloReason)
        /// Enrolling or in a session. Can go to: waiting, stopped.
        case connected(Muster_V1_HelloReason)
        /// The run is over. Can go to: nothing.
        case stopped
    }

    package enum Order: Hashable, Sendable {
        /// Say `timerFired` after this time; a timer that runs already is replaced.
        case wait(Duration)
        case enrol
        case connect(Muster_V1_HelloReason)
        /// It is connected: tell its session.
        case eventsAppended
        case none
    }

    /// How a connection ended.
    package enum End: Hashable, Sendable {
        /// - Parameter next: the server's word, from now.
        case complete(next: Duration)
        case enrolled
        case failed(CloseReason, retryAfter: Duration?)
    }

    package let index: Int
    package private(set) var identity: Identity?
    package var facts: SessionFacts
    var spool: DeviceSpool
    /// True once a synchronization was complete, since the start or since `scheduled`.
    package private(set) var isSynchronized = false
    /// How often it comes by itself; nil: as the server says.
    private let interval: Duration?
    private var state: State
    /// Nil before the measured time.
    private var nextDue: Duration?
    private var backOff = BackOff()
    private var generator: SeededGenerator

    package init(index: Int, identity: Identity?, facts: SessionFacts, interval: Duration?, seed: UInt64) {
        self.index = index
        self.identity = identity
        self.facts = facts
        self.interval = interval
        generator = SeededGenerator(seed: seed, stream: UInt64(index))
        spool = DeviceSpool(epoch: generator.next() | 1)
        state = .stopped
    }

    package var unacknowledgedEvents: Int { spool.count }

    // MARK: Facts

    /// The run begins; the first connection comes at `due`.
    package mutating func started(due: Duration, now: Duration) -> Order { wait(until: due, .start, now: now) }

    /// The measured time begins: from here on it comes at `due` and every interval after that.
    package mutating func scheduled(due: Duration, now: Duration) -> Order {
        nextDue = due
        isSynchronized = false
        guard case .waiting = state else { return .none }
        return wait(until: due, .interval, now: now)
    }

    package mutating func timerFired() -> Order {
        guard case .waiting(_, let reason) = state else { return .none }
        state = .connected(reason)
        return identity == nil ? .enrol : .connect(reason)
    }

    /// Somebody else decides when it connects.
    package mutating func told(_ reason: Muster_V1_HelloReason) -> Order {
        state = .connected(reason)
        return .connect(reason)
    }

    package mutating func enrolled(_ identity: Identity) { self.identity = identity }

    package mutating func certificateRenewed(keyPEM: String, certificateDER: [UInt8]) {
        identity?.keyPEM = keyPEM
        identity?.certificateDER = certificateDER
    }

    package mutating func connectionEnded(_ end: End, now: Duration) -> Order {
        guard case .connected(let reason) = state else { return .none }
        switch end {
        case .enrolled:
            backOff.succeeded()
            return wait(until: now, .start, now: now)
        case .complete(let next):
            backOff.succeeded()
            isSynchronized = true
            let due = due(after: reason, word: next, now: now)
            // Raised while Done was on its way: it does not wait for the next synchronization.
            return spool.count > 0 ? wait(until: now, .event, now: now) : wait(until: due, .interval, now: now)
        case .failed(.certificateRenewed, _): return wait(until: now, .renewed, now: now)
        case .failed(let reason, let retryAfter):
            return wait(until: now + backOff.failed(reason, told: retryAfter, using: &generator), .retry, now: now)
        }
    }

    /// - Returns: nil when the spool is full: the event is not taken.
    package mutating func eventRaised(_ event: DeviceEvent, now: Duration) -> Order? {
        guard spool.append(event, now: now) else { return nil }
        switch state {
        case .connected: return .eventsAppended
        case .stopped: return Order.none
        case .waiting(let due, let reason):
            // While connections fail an event waits like everything else.
            let soon = now + AgentPace.gathering
            return reason == .retry || due <= soon ? Order.none : wait(until: soon, .event, now: now)
        }
    }

    package mutating func stopped() { state = .stopped }

    // MARK: Rules

    private mutating func wait(until due: Duration, _ reason: Muster_V1_HelloReason, now: Duration) -> Order {
        state = .waiting(due: due, reason)
        return .wait(max(.zero, due - now))
    }

    /// A set interval is kept to the moment, whatever events bring in between: the rate is what was asked for. When it is late, it goes on
    /// from now.
    private mutating func due(after reason: Muster_V1_HelloReason, word: Duration, now: Duration) -> Duration {
        guard let interval else { return now + word }
        guard let last = nextDue else { return now + interval }
        if reason == .event, last > now { return last }
        let due = max(now, last + interval)
        nextDue = due
        return due
    }
}
