package import MusterModel

/// An administration group.
package struct GroupEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: GroupID
    /// `/Warsaw/Office`; `/` is the root.
    package var path: String
    package var name: String
    /// Absent of the root.
    package var parent: GroupID?
    /// +1 with each change of its name or place; also the `ETag`.
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp
    /// In the group itself, by hand and by rule.
    package var devices: Int64
    /// In the group and all below it.
    package var devicesWithBelow: Int64
    /// Of the group itself, active or not.
    package var policies: Int64

    package init(
        id: GroupID, path: String, name: String, parent: GroupID?, revision: Int64, created: Timestamp, changed: Timestamp,
        devices: Int64, devicesWithBelow: Int64, policies: Int64
    ) {
        self.id = id
        self.path = path
        self.name = name
        self.parent = parent
        self.revision = revision
        self.created = created
        self.changed = changed
        self.devices = devices
        self.devicesWithBelow = devicesWithBelow
        self.policies = policies
    }
}

/// Words that stand where a group's path or id could.
package enum GroupWord {
    /// In no group.
    package static let unassigned = "unassigned"
    /// Where moving rules say, else in the default group.
    package static let automatic = "automatic"
}

/// `POST /groups`: a new group below one that is there.
package struct CreateGroup: ChangeRequest {
    package var path: String

    package init(path: String) { self.path = path }

    package enum CodingKeys: String, CodingKey, CaseIterable { case path }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}

/// `PATCH /groups/{id}`: another name, or another place for the group with all below it.
package struct ChangeGroup: ChangeRequest {
    package var name: String?
    /// Path or id.
    package var parent: String?

    package init(name: String? = nil, parent: String? = nil) {
        self.name = name
        self.parent = parent
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case name, parent }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}

/// What went with a group that was deleted.
package struct DeletedGroup: Codable, Sendable, Hashable {
    package var id: GroupID
    /// Moved or deleted, as was asked.
    package var devices: Int64
    package var policies: Int64
    package var rules: Int64

    package init(id: GroupID, devices: Int64, policies: Int64, rules: Int64) {
        self.id = id
        self.devices = devices
        self.policies = policies
        self.rules = rules
    }
}

/// `GET /settings/default-group`: where devices are that no moving rule places.
package struct DefaultGroupSetting: Codable, Sendable, Hashable {
    /// Absent: *Unassigned*.
    package var group: GroupReference?
    package var revision: Int64

    package init(group: GroupReference?, revision: Int64) {
        self.group = group
        self.revision = revision
    }
}

/// `PUT /settings/default-group`.
package struct SetDefaultGroup: ChangeRequest {
    /// Path, id, or `unassigned`.
    package var group: String

    package init(group: String) { self.group = group }

    package enum CodingKeys: String, CodingKey, CaseIterable { case group }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}
