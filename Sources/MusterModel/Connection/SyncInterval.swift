/// How often a device synchronizes by itself: 15 minutes unless the administrator says otherwise, from 1 minute to 24 hours.
package struct SyncInterval: Hashable, Sendable {
    package static let allowed: ClosedRange<Duration> = .minutes(1) ... .hours(24)
    package static let standard = SyncInterval(.minutes(15))

    package let duration: Duration

    /// Nil outside `allowed`.
    package init?(checking duration: Duration) {
        guard Self.allowed.contains(duration) else { return nil }
        self.duration = duration
    }

    private init(_ duration: Duration) { self.duration = duration }
}
