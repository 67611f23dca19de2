import MusterModel

/// What the server's clock says, as learnt once and told since by a clock that nobody sets and that runs while the device sleeps.
struct ServerClock: Hashable, Sendable {
    let time: Timestamp
    let learnt: ContinuousClock.Instant

    func time(at instant: ContinuousClock.Instant) -> Timestamp { time + learnt.duration(to: instant) }
}
