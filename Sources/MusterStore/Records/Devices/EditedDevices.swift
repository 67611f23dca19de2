package import MusterModel

/// What became of devices that were edited together. Those that are deleted or unknown are left out.
package struct EditedDevices: Hashable, Sendable {
    /// As they are afterwards.
    package var revisions: [DeviceID: Int64]
    /// Those that are another now; the others were so already.
    package var changed: Set<DeviceID>

    package init(revisions: [DeviceID: Int64] = [:], changed: Set<DeviceID> = []) {
        self.revisions = revisions
        self.changed = changed
    }
}
