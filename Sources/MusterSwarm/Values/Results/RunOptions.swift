import MusterModel

/// What `muster-swarm run` was asked for.
package struct RunOptions: Codable, Sendable {
    package var devices: Int
    /// The number of the first device: several processes have fleets of their own.
    package var first = 0
    /// Nil: as the server says.
    package var interval: Duration?
    package var eventsPerSecond: Double
    /// On one device, together: 200 fill a batch.
    package var eventsAtOnce = 1
    package var duration: Duration
    package var seed: UInt64
    /// Begun a second at most, over all devices; a server takes 10 unless told otherwise.
    package var enrolmentsPerSecond = 9.0
    /// Devices enrolled in an earlier run come back at this rate before the measured time.
    package var returnsPerSecond = 100.0
    /// Kept devices have other lists than the last time: all are sent anew.
    package var reportsOtherLists = false
    /// Where the devices listen for connection requests, one port for all of them; nil: they do not.
    package var udpPort: UInt16?
    /// Where they send shutdown notices at the end; nil: they send none.
    package var noticePort: UInt16?
    /// Of how many packages each has its choice; nil: as the last time, at first a Debian machine's.
    package var packages: Int?
    /// Devices have systemd services, too, for policies to manage; once they had, they go on having them.
    package var hasServices = false
    /// Enrolled devices are kept here for the next run.
    package var stateDirectory: String?

    package init(devices: Int, interval: Duration?, eventsPerSecond: Double, duration: Duration, seed: UInt64) {
        self.devices = devices
        self.interval = interval
        self.eventsPerSecond = eventsPerSecond
        self.duration = duration
        self.seed = seed
    }
}
