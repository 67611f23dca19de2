import MusterModel

/// Connection settings on trial: where to find the server and through what. They come into force only when a synchronization was completed over
/// them; a bad change cannot cut the device off. First the server is probed beside whatever connection is open; after three failures or ten
/// minutes the old ones stay. A value: who runs it probes, waits and writes.
struct ConnectionTrial: Hashable, Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Verdict: Hashable { case again(after: Duration), giveUp }

    static let maximumFailures = 3
    static let longest = Duration.minutes(10)
    /// Before the second and the third probe: a name or a proxy that was just set up may take a moment.
    private static let waits: [Duration] = [.seconds(5), .seconds(20)]

    let settings: ConnectionSettings
    private let began: Instant
    private(set) var failures = 0

    init(_ settings: ConnectionSettings, now: Instant) {
        self.settings = settings
        began = now
    }

    mutating func failed(now: Instant) -> Verdict {
        failures += 1
        guard failures < Self.maximumFailures, now - began < Self.longest else { return .giveUp }
        return .again(after: Self.waits[min(failures, Self.waits.count) - 1])
    }
}
