package import MusterModel

/// What the API needs of the running server about groups, rules and tags: answers come from memory; what is said to have changed is
/// committed already and read anew from the store.
package protocol GroupBackend: Sendable {
    /// Nil for a device that is not there.
    func place(of device: DeviceID) -> DevicePlace?
    /// Devices in each group; nil: *Unassigned*. Groups without any are left out.
    func countByGroup() -> [GroupID?: Int]
    /// In no order. - Parameter installed: which devices have what the expression asks of inventories.
    func devices(matching expression: DeviceExpression, installed: [InstalledCondition: Set<DeviceID>]) -> [DeviceID]
    /// What devices would be with these rules, all of both kinds, in place of those in force: those that would be elsewhere or tagged otherwise.
    /// - Parameter installed: which devices have what rules ask that are not in force yet.
    func changes(by rules: [DeviceRule], installed: [InstalledCondition: Set<DeviceID>]) -> [PlaceChange]
    /// Groups, or the default group. - Parameter policies: those that have followed, in the order of their revisions.
    func groupsChanged(policies: [Policy]) async throws
    func rulesChanged() async throws
    /// Names, placement, tags or values of these.
    func devicesEdited(_ devices: [DeviceID]) async throws
}

extension GroupBackend {
    func groupsChanged() async throws { try await groupsChanged(policies: []) }
}

/// Where a device is among groups, and how it is.
package struct DevicePlace: Sendable, Hashable {
    /// Nil: *Unassigned*.
    package var group: GroupID?
    /// By hand and by rule.
    package var tags: Set<String>
    package var status: DeviceStatus
    package var statusSince: Timestamp?

    package init(group: GroupID?, tags: Set<String> = [], status: DeviceStatus = .ok, statusSince: Timestamp? = nil) {
        self.group = group
        self.tags = tags
        self.status = status
        self.statusSince = statusSince
    }
}

/// What a change of rules would do to one device.
package struct PlaceChange: Sendable, Hashable {
    package var device: DeviceID
    package var name: String
    package var from: DevicePlace
    package var to: DevicePlace

    package init(device: DeviceID, name: String, from: DevicePlace, to: DevicePlace) {
        self.device = device
        self.name = name
        self.from = from
        self.to = to
    }
}
