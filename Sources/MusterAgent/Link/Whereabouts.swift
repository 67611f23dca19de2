/// Where the device is on the network, and how long it has slept: after either changes it is worth connecting at once.
struct Whereabouts: Hashable, Sendable {
    /// How often they are looked at: two clocks and the list of interfaces.
    static let period = Duration.seconds(10)
    /// A building that gets its power back, or another network, has many devices: each waits up to so long.
    static let spread = Duration.seconds(30)
    /// The two clocks are read one after the other; nobody sleeps for less.
    private static let leastSleep = Duration.seconds(5)

    /// As in the document `system`.
    var addresses: [String]
    /// Time suspended since this program first looked.
    var asleep: Duration

    /// Of this device, now.
    static func read() -> Whereabouts {
        Whereabouts(
            addresses: DeviceAddresses.read(RootPath("/")),
            asleep: start.continuous.duration(to: .now) - start.suspending.duration(to: .now))
    }

    /// An interface that goes down is no news: there is nothing to connect with.
    func isNews(after old: Whereabouts) -> Bool {
        asleep - old.asleep >= Self.leastSleep || !Set(addresses).isSubset(of: old.addresses)
    }

    /// The one clock goes on while the device is suspended, the other stands still.
    private static let start = (continuous: ContinuousClock.now, suspending: SuspendingClock.now)
}
