package import MusterModel

/// An administration group as it is stored.
package struct GroupRecord: Hashable, Sendable {
    package var group: AdministrationGroup
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp

    package init(_ group: AdministrationGroup, revision: Int64 = 1, created: Timestamp, changed: Timestamp) {
        self.group = group
        self.revision = revision
        self.created = created
        self.changed = changed
    }

    package var id: GroupID { group.id }
}

/// A group that was renamed or moved, and the policies whose profiles named it by its path and are at another revision now.
package struct GroupChange: Hashable, Sendable {
    package var group: GroupRecord
    package var policies: [Policy] = []
}

/// What is to become of what refers to a group that is deleted. What is not told must not be there.
package struct GroupDeletion: Hashable, Sendable {
    /// Of devices placed in it by hand or by a token; those that rules place are where their rules say.
    package enum Devices: Hashable, Sendable {
        /// There must be none.
        case none
        /// Nil: to *Unassigned*.
        case moveTo(GroupID?)
        /// Each as `Store.deleteDevice` does.
        case delete
    }

    package var devices: Devices
    /// Its policies go with it.
    package var policies: Bool
    /// Moving rules that move to it go with it.
    package var rules: Bool
    /// Enrolment tokens and installation packages lose it as their target: their devices are placed automatically.
    package var targets: Bool
    /// Selections and policy profiles go on naming it by its path, where no group is then.
    package var expressions: Bool

    package init(
        devices: Devices = .none, policies: Bool = false, rules: Bool = false, targets: Bool = false, expressions: Bool = false
    ) {
        self.devices = devices
        self.policies = policies
        self.rules = rules
        self.targets = targets
        self.expressions = expressions
    }
}

/// How much refers to a group.
package struct GroupUse: Hashable, Sendable {
    /// A profile of a policy.
    package struct Profile: Hashable, Sendable {
        package var policy: String
        package var name: String

        package init(policy: String, name: String) {
            self.policy = policy
            self.name = name
        }
    }

    /// Directly below it.
    package var groups: Int64 = 0
    package var devices: Int64 = 0
    package var policies: Int64 = 0
    package var rules: Int64 = 0
    /// Enrolment tokens that are still good.
    package var tokens: Int64 = 0
    package var packages: Int64 = 0
    /// Device selections that name it, and profiles of other groups' policies whose conditions do.
    package var selections: [String] = []
    package var profiles: [Profile] = []
    /// Devices that no rule moves come here.
    package var isDefault = false

    package init(
        groups: Int64 = 0, devices: Int64 = 0, policies: Int64 = 0, rules: Int64 = 0, tokens: Int64 = 0, packages: Int64 = 0,
        selections: [String] = [], profiles: [Profile] = [], isDefault: Bool = false
    ) {
        self.groups = groups
        self.devices = devices
        self.policies = policies
        self.rules = rules
        self.tokens = tokens
        self.packages = packages
        self.selections = selections
        self.profiles = profiles
        self.isDefault = isDefault
    }
}

package enum GroupDeletionOutcome: Hashable, Sendable {
    /// With the devices that were moved or deleted, the policies and rules that went with it, and the position of the last event that tells of a
    /// deleted device.
    case deleted(devices: [DeviceID], policies: [PolicyID], rules: [RuleID], position: Int64?)
    /// Nothing changed: of these the caller did not say what becomes of them, or they must go first (groups, the default).
    case inUse(GroupUse)
}
