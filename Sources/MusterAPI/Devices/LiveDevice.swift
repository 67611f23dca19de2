package import MusterModel

/// A device as it is now, while somebody looks: `GET /devices/{id}/watch` gives one with each change.
package struct LiveDevice: Codable, Sendable, Hashable {
    package var device: DeviceEntry
    package var statistics: StatisticsEntry?
    /// As `GET /devices/{id}/applications` gives them.
    package var applications: [DeviceApplicationEntry]

    package init(device: DeviceEntry, statistics: StatisticsEntry?, applications: [DeviceApplicationEntry]) {
        self.device = device
        self.statistics = statistics
        self.applications = applications
    }
}

/// Numbers that change by themselves, as the device said them last.
package struct StatisticsEntry: Codable, Sendable, Hashable {
    /// The device's clock.
    package var collected: Timestamp
    /// By application and name: `device`, `uptime-seconds`.
    package var applications: [String: [String: Int64]]

    package init(collected: Timestamp, applications: [String: [String: Int64]]) {
        self.collected = collected
        self.applications = applications
    }
}
