import MusterModel

/// The times of one session at the agent: when the server has been silent for too long, and when the next synchronization on a permanent
/// connection is due. By the steady clock.
struct SessionClock {
    typealias Instant = ContinuousClock.Instant

    /// A permanent connection is dead after so many of the server's ping intervals without a byte.
    static let intervalsBeforeDeath = 2.5
    /// The server does not say how often it pings: as an agent of its first version was told.
    static let standardPingInterval = Duration.seconds(60)
    /// How long the server may take to answer when the device's address has changed under the connection.
    static let probeTime = Duration.seconds(5)

    /// What is to be done when nothing came in time.
    enum Due: Hashable { case synchronize, statistics, lost }

    private var heardAt: Instant
    private var nextSynchronization: Instant?
    private var probeEnds: Instant?
    private var statistics: (next: Instant, every: Duration)?
    var pingInterval: Duration?

    init(now: Instant) { heardAt = now }

    mutating func heard(now: Instant) {
        heardAt = now
        probeEnds = nil
    }

    /// The server was asked to show that it is there.
    mutating func probed(now: Instant) { if probeEnds == nil { probeEnds = now + Self.probeTime } }

    /// - Parameter time: from now, the server's word.
    mutating func nextSynchronization(in time: Duration, now: Instant) { nextSynchronization = now + time }

    mutating func statistics(every period: Duration?, now: Instant) { statistics = period.map { (next: now + $0, every: $0) } }

    /// - Parameter isAtRest: everything is said on a permanent connection.
    /// - Returns: how long to wait, and for what.
    func wait(isAtRest: Bool, now: Instant) -> (time: Duration, due: Due) {
        let silence = isAtRest ? (pingInterval ?? Self.standardPingInterval) * Self.intervalsBeforeDeath : AgentPace.idleTime
        var (time, due) = (min(heardAt + silence, probeEnds ?? heardAt + silence), Due.lost)
        if isAtRest, let nextSynchronization, nextSynchronization < time { (time, due) = (nextSynchronization, .synchronize) }
        if let statistics, statistics.next < time { (time, due) = (statistics.next, .statistics) }
        return (max(.zero, now.duration(to: time)), due)
    }
}
