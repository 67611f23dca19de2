import Glibc

/// What the watcher's thread does until its bell rings: wait, gather, tell.
struct WatchLoop: Sendable {
    var watch: DirectoryWatch
    var debounce: Debounce
    let pollInterval: Duration
    let bell: Bell
    let changed: @Sendable () -> Void

    mutating func run() {
        var nextLook = ContinuousClock.now + pollInterval
        while true {
            let wake = [debounce.deadline, watch.needsPolling ? nextLook : nil].compactMap { $0 }.min()
            guard wait(until: wake) else { return }
            let now = ContinuousClock.now
            if watch.drain() { debounce.changeSeen(at: now) }
            if watch.needsPolling, nextLook <= now {
                nextLook = now + pollInterval
                if watch.hasChangedStamps() { debounce.changeSeen(at: now) }
            }
            if debounce.timePassed(to: now) {
                watch.arm()
                changed()
            }
        }
    }

    /// - Parameter wake: nil to wait for a change alone. - Returns: false when the bell has rung.
    private func wait(until wake: ContinuousClock.Instant?) -> Bool {
        var waiting = [
            pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&waiting, 2, wake.map(Self.milliseconds) ?? -1)
        // What poll can fail with but a signal, lack of memory, passes: without a pause this would be a busy loop.
        if count < 0 && errno != EINTR { usleep(100_000) }
        return waiting[0].revents == 0
    }

    /// Rounded up, so that the time has come when poll returns.
    private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: instant) + .microseconds(999)
        return Int32(clamping: max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
    }
}
