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
        /// Enrolling, or synchronizing in a session. Can go to: resting, waiting, stopped.
        case connected(Muster_V1_HelloReason)
        /// Done was said on a permanent connection; a timer runs to the next synchronization. Can go to: connected, waiting, stopped.
        case resting(due: Duration)
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
        /// On the open connection.
        case synchronize
        case none
    }

    /// How a device comes back after its permanent connection was lost; looked at in a restart of the server.
    package enum Return: Hashable, Sendable {
        /// The connection is the one it was.
        case notLost
        case lost
        /// Synchronized again, on a new permanent connection.
        case back(at: Duration)
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
    var runs = SimulatedRuns()
    /// True once a synchronization was complete, since the start or since `scheduled`.
    package private(set) var isSynchronized = false
    /// A permanent connection is open: a synchronization was completed on it.
    package private(set) var isPermanent = false
    /// It had one, now or before.
    package private(set) var wasPermanent = false
    /// Nil: nobody looks.
    package private(set) var `return`: Return?
    package var isBack: Bool { if case .back = `return` { true } else { false } }
    /// What a real device has written down of actions.
    var actions = DeviceActions()
    var requests = DeviceRequests()
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

    /// What it reports of itself follows the run's options, whatever was kept of the last run.
    /// - Parameter lists: its list of applications too, which takes a millisecond.
    func reporting(_ documents: FleetDocuments, lists: Bool) -> Self {
        guard facts.reported[.system] != nil else { return self }
        var device = self
        if lists { device.facts.reported[.installed] = documents.document(.installed, of: index).digest }
        device.facts.reported[.system] = documents.document(.system, of: index).digest
        device.facts.reported[.applications] = documents.applications(held: facts.held).digest
        return device
    }

    // MARK: Facts

    /// The run begins; the first connection comes at `due`.
    package mutating func started(due: Duration, now: Duration) -> Order { wait(until: due, .start, now: now) }

    /// The measured time begins: from here on it comes at `due` and every interval after that.
    package mutating func scheduled(due: Duration, now: Duration) -> Order {
        nextDue = due
        isSynchronized = false
        switch state {
        case .waiting: return wait(until: due, .interval, now: now)
        case .resting: return rest(until: due, now: now)
        case .connected, .stopped: return .none
        }
    }

    package mutating func timerFired() -> Order {
        switch state {
        case .waiting(_, let reason):
            state = .connected(reason)
            return identity == nil ? .enrol : .connect(reason)
        case .resting:
            state = .connected(.interval)
            return .synchronize
        case .connected, .stopped: return .none
        }
    }

    /// Done was said on a connection that stays: its first synchronization, one that was due, or one that news or an action made.
    /// - Parameter next: the server's word, from now.
    package mutating func rested(next: Duration, now: Duration) -> Order {
        let due: Duration
        switch state {
        case .connected(let reason): due = self.due(after: reason, word: next, now: now)
        case .resting: due = self.due(after: .event, word: next, now: now)
        case .waiting, .stopped: return .none
        }
        backOff.succeeded()
        (isSynchronized, isPermanent, wasPermanent) = (true, true, true)
        if case .lost = `return` { `return` = .back(at: now) }
        return rest(until: due, now: now)
    }

    /// From here on it is noted when it is back.
    package mutating func watchReturn() { `return` = isPermanent ? .notLost : .lost }

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
        let reason: Muster_V1_HelloReason
        switch state {
        case .connected(let begun): reason = begun
        case .resting: reason = .interval
        case .waiting, .stopped: return .none
        }
        isPermanent = false
        if `return` != nil { `return` = .lost }
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
        case .connected, .resting: return .eventsAppended
        case .stopped: return Order.none
        case .waiting(let due, let reason):
            // While connections fail an event waits like everything else.
            let soon = now + AgentPace.gathering
            return reason == .retry || due <= soon ? Order.none : wait(until: soon, .event, now: now)
        }
    }

    /// A connection request passed the gate. A device that is connected already has what was asked for.
    package mutating func requestAccepted(isOneOfMany: Bool, now: Duration) -> Order {
        guard case .waiting = state, identity != nil else { return .none }
        let spread = isOneOfMany ? AgentPace.requestSpread * Double.random(in: 0..<1, using: &generator) : .zero
        return wait(until: now + spread, .request, now: now)
    }

    package mutating func stopped() { state = .stopped }

    // MARK: Rules

    private mutating func wait(until due: Duration, _ reason: Muster_V1_HelloReason, now: Duration) -> Order {
        state = .waiting(due: due, reason)
        return .wait(max(.zero, due - now))
    }

    private mutating func rest(until due: Duration, now: Duration) -> Order {
        state = .resting(due: due)
        return .wait(max(.zero, due - now))
    }

    /// A set interval is kept to the moment, whatever events and requests bring in between: the rate is what was asked for. When it is late,
    /// it goes on from now.
    private mutating func due(after reason: Muster_V1_HelloReason, word: Duration, now: Duration) -> Duration {
        guard let interval else { return now + word }
        guard let last = nextDue else { return now + interval }
        if reason == .event || reason == .request, last > now { return last }
        let due = max(now, last + interval)
        nextDue = due
        return due
    }
}
