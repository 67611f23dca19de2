package import MusterModel

/// Values set for one device alone, by application and key.
package typealias DeviceValues = [ApplicationID: [String: ManagedValue]]

/// What a device says of one of its managed applications, and since when.
package struct DeviceApplicationRecord: Hashable, Sendable {
    package var report: ApplicationReport
    /// When what the device says changed last.
    package var updated: Timestamp

    package init(_ report: ApplicationReport, updated: Timestamp) {
        self.report = report
        self.updated = updated
    }
}
