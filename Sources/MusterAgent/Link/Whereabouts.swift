import Glibc

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
    /// Time suspended since the boot.
    var asleep: Duration

    /// Of this device, now.
    static func read() -> Whereabouts {
        Whereabouts(
            addresses: DeviceAddresses.read(RootPath("/")), asleep: clock(CLOCK_BOOTTIME) - clock(CLOCK_MONOTONIC))
    }

    /// An interface that goes down is no news: there is nothing to connect with.
    func isNews(after old: Whereabouts) -> Bool {
        asleep - old.asleep >= Self.leastSleep || !Set(addresses).isSubset(of: old.addresses)
    }

    private static func clock(_ id: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(id, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
