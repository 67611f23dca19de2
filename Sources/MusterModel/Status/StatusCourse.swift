/// How a device has been: the level its status is at, since when, and the one before. It outlives the server's process.
package struct StatusCourse: Hashable, Sendable {
    package private(set) var level: DeviceStatusLevel
    package private(set) var since: Timestamp
    /// Nil: it has had one level only.
    package private(set) var before: DeviceStatusLevel?

    package init(_ level: DeviceStatusLevel, since: Timestamp, before: DeviceStatusLevel? = nil) {
        self.level = level
        self.since = since
        self.before = before
    }

    package mutating func judged(_ level: DeviceStatusLevel, now: Timestamp) {
        guard level != self.level else { return }
        self = StatusCourse(level, since: now, before: self.level)
    }
}

/// What a device measured last, as far as its status goes by it.
package struct StatusMeasures: Hashable, Sendable {
    /// Of the root file system, rounded down.
    package var diskFreePercent: Int64?
    /// The device's clock less the server's.
    package var clockOffset: Duration?

    package init(diskFreePercent: Int64? = nil, clockOffset: Duration? = nil) {
        self.diskFreePercent = diskFreePercent
        self.clockOffset = clockOffset
    }
}
