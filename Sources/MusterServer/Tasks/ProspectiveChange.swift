import MusterModel

/// What somebody is about to change of where devices stand; asked beforehand, to whom it would bring tasks. A value.
package struct ProspectiveChange: Sendable {
    /// Of these devices alone: where they are, how they are tagged and called, whether they stay connected.
    var devices: Set<DeviceID> = []
    var placement: Placement?
    var adding: Set<String> = []
    var removing: Set<String> = []
    var name: String?
    /// Whether *Do not disconnect* is ticked.
    var isPermanent: Bool?
    /// Of groups, rules, selections or manifests.
    var administration: (@Sendable (inout Administration) -> Void)?
    /// What it asks of inventories.
    var conditions: Set<InstalledCondition> = []

    /// What is to be in force.
    func applied(to administration: Administration) -> Administration {
        var after = administration
        self.administration?(&after)
        return after
    }

    /// Devices that need not be looked at: nothing changes for them.
    func concerns(_ device: DeviceID) -> Bool { administration != nil || devices.contains(device) }

    /// - Parameters:
    ///   - facts: without tags and group.
    ///   - tags: given by hand.
    func standing(
        of device: DeviceID, _ facts: DeviceFacts, placement: Placement, tags: Set<String>, under administration: Administration
    ) -> DeviceStanding {
        guard devices.contains(device) else {
            return administration.standing(of: facts, placement: placement, ownTags: tags, device: device)
        }
        var facts = facts
        if let name { facts.name = name }
        if let isPermanent { facts.isPermanent = isPermanent }
        return administration.standing(
            of: facts, placement: self.placement ?? placement, ownTags: tags.subtracting(removing).union(adding), device: device)
    }
}

extension Administration {
    /// Of these tasks, those that a device which stands so, with these manifests of others, is given.
    func given(
        _ tasks: Set<TaskID>, to standing: DeviceStanding, with manifests: [ApplicationID: Digest]
    ) -> Set<TaskID> {
        guard let group = standing.group else { return [] }
        let groups = tree.chain(to: group).map(\.id)
        return tasks.filter { id in
            guard self.tasks.isMeant(id, groups: groups, chosen: standing.tasks), let task = self.tasks.all[id] else {
                return false
            }
            return isGiven(task.definition, toOneWith: manifests)
        }
    }
}
