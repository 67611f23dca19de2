import MusterModel
import MusterSession

/// Connection requests to one simulated device: the real agent's gate, and what the device came for.
struct DeviceRequests: Sendable {
    /// Nil before the first connection: nothing is accepted then.
    private var gate: ConnectionRequestGate?
    /// From the device's clock to the server's.
    private var clockOffset = Duration.zero
    /// The highest accepted; said in each Hello.
    private(set) var counter: UInt64 = 0
    /// When the one came that the device connects for now.
    private var underWay: Duration?

    var counters: ConnectionRequestCounters { gate?.counters ?? ConnectionRequestCounters() }

    /// From a Welcome.
    mutating func learnt(_ trust: ConnectionRequestGate.Trust, serverTime: Timestamp, time: Timestamp) {
        if gate == nil { gate = ConnectionRequestGate(trust: trust, counter: counter) } else { gate?.learnt(trust) }
        clockOffset = serverTime - time
    }

    func serverTime(_ time: Timestamp) -> Timestamp { time + clockOffset }

    /// - Returns: whether the device is one of many that are asked; nil when the datagram is dropped.
    mutating func received(
        _ bytes: [UInt8], instant: ContinuousClock.Instant, time: Timestamp, now: Duration
    ) -> Bool? {
        let serverTime = serverTime(time)
        guard case .accepted(let isOneOfMany, let counter) = gate?.received(bytes, now: instant, serverTime: serverTime)
        else { return nil }
        self.counter = counter
        underWay = now
        return isOneOfMany
    }

    /// A synchronization was completed. - Returns: how long after the request it came for; nil when it came for none.
    mutating func synchronized(now: Duration) -> Duration? {
        defer { underWay = nil }
        return underWay.map { now - $0 }
    }
}
