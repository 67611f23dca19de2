import MusterModel

/// When connection requests may leave: at most `rate` a second to many, and as many again to devices asked alone, so that who asks one device
/// never waits behind ten thousand. The devices that come are new sessions: the rate keeps the server responsive.
struct RequestPace: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What is asked for past this wait is refused: 120,000 devices at 200 a second.
    static let longestWait = Duration.minutes(10)

    private let step: Duration
    private var nextOfMany: Instant
    private var nextOfOne: Instant

    init(rate: Double, now: Instant) {
        step = .seconds(1) / rate
        nextOfMany = now
        nextOfOne = now
    }

    /// - Returns: how long to wait; nil when too many wait already.
    mutating func turn(isOneOfMany: Bool, now: Instant) -> Duration? {
        isOneOfMany ? Self.turn(&nextOfMany, step, now) : Self.turn(&nextOfOne, step, now)
    }

    private static func turn(_ next: inout Instant, _ step: Duration, _ now: Instant) -> Duration? {
        let turn = max(next, now)
        guard turn - now <= longestWait else { return nil }
        next = turn + step
        return turn - now
    }
}
