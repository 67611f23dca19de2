package import MusterModel

/// One setting as it is to be in force on a device, and why.
package struct DeviceSettingEntry: Codable, Sendable, Hashable {
    package var application: String
    package var key: String
    package var title: String
    /// Absent: the application goes on with what it has.
    package var value: ManagedValueEntry?
    package var locked: Bool
    package var origin: SettingOriginEntry
    /// What would be in force instead, the next first.
    package var overrides: [OverriddenSetting]
    /// The device's owner does not let the server set it.
    package var restricted: Bool
    package var changedLocally: Bool

    package init(
        application: String, key: String, title: String, value: ManagedValueEntry?, locked: Bool, origin: SettingOriginEntry,
        overrides: [OverriddenSetting], restricted: Bool = false, changedLocally: Bool = false
    ) {
        self.application = application
        self.key = key
        self.title = title
        self.value = value
        self.locked = locked
        self.origin = origin
        self.overrides = overrides
        self.restricted = restricted
        self.changedLocally = changedLocally
    }
}

/// Where a value comes from.
package struct SettingOriginEntry: Codable, Sendable, Hashable {
    /// `default`, `device`, `policy`, `profile`.
    package var kind: String
    package var policy: PolicyID?
    package var policyName: String?
    /// The policy's group.
    package var group: String?
    package var profile: String?

    package init(kind: String, policy: PolicyID? = nil, policyName: String? = nil, group: String? = nil, profile: String? = nil) {
        self.kind = kind
        self.policy = policy
        self.policyName = policyName
        self.group = group
        self.profile = profile
    }
}

package struct OverriddenSetting: Codable, Sendable, Hashable {
    package var value: ManagedValueEntry
    package var locked: Bool
    package var origin: SettingOriginEntry

    package init(value: ManagedValueEntry, locked: Bool, origin: SettingOriginEntry) {
        self.value = value
        self.locked = locked
        self.origin = origin
    }
}

/// `PATCH /devices/{id}/settings`: values for this device alone. By application and key; `null` takes one away.
package struct ChangeDeviceSettings: ChangeRequest {
    package var application: String
    package var settings: [String: ManagedValueEntry?]

    package static let members = ["application", "settings"]

    package init(application: String, settings: [String: ManagedValueEntry?]) {
        self.application = application
        self.settings = settings
    }
}

/// A managed application on a device.
package struct DeviceApplicationEntry: Codable, Sendable, Hashable {
    package var application: String
    package var title: String
    package var version: String?
    /// `running`, `stopped`, `not-installed`, `failed`, `unknown`.
    package var state: String
    /// `pending`, `delivered`, `applied`, `failed`; absent: nothing is set for it.
    package var delivery: String?
    package var code: String?
    package var text: String?
    package var changedLocally: [String]
    package var restricted: [String]
    package var problems: [ApplicationProblem]
    package var facts: [ApplicationFact]
    /// As the device said last, by name; absent: it has said none since the server's start.
    package var statistics: [String: Int64]?
    /// `accepted`, `not-accepted` or `rejected`: what an administrator decided of the manifest it has; absent: it is built in.
    package var manifest: String?

    package init(
        application: String, title: String, version: String?, state: String, delivery: String?, code: String? = nil,
        text: String? = nil,
        changedLocally: [String] = [], restricted: [String] = [], problems: [ApplicationProblem] = [],
        facts: [ApplicationFact] = [], statistics: [String: Int64]? = nil
    ) {
        self.statistics = statistics
        self.application = application
        self.title = title
        self.version = version
        self.state = state
        self.delivery = delivery
        self.code = code
        self.text = text
        self.changedLocally = changedLocally
        self.restricted = restricted
        self.problems = problems
        self.facts = facts
    }
}
