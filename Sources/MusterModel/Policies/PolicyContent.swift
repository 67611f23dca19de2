/// What a policy says of an application: values of some of its keys, and profiles that change them where their condition holds.
package struct PolicyContent: Hashable, Sendable, Codable {
    /// By key.
    package var settings: [String: ManagedSetting]
    /// In order: where several hold, a later one changes what an earlier one said.
    package var profiles: [PolicyProfile]

    package init(settings: [String: ManagedSetting] = [:], profiles: [PolicyProfile] = []) {
        self.settings = settings
        self.profiles = profiles
    }
}

/// A part of a policy that is in force on devices for which its condition holds.
package struct PolicyProfile: Hashable, Sendable, Codable {
    /// Of a policy.
    package static let maximumCount = 64

    /// Unique in its policy.
    package var name: String
    /// A device expression.
    package var condition: String
    package var isEnabled: Bool
    package var settings: [String: ManagedSetting]

    package init(name: String, condition: String, isEnabled: Bool = true, settings: [String: ManagedSetting] = [:]) {
        self.name = name
        self.condition = condition
        self.isEnabled = isEnabled
        self.settings = settings
    }

    private enum CodingKeys: String, CodingKey {
        case name, condition, settings
        case isEnabled = "enabled"
    }
}

package enum PolicyEntity {}
package typealias PolicyID = EntityID<PolicyEntity>

/// A policy: for one application, in one administration group and those below it.
package struct Policy: Hashable, Sendable {
    package let id: PolicyID
    package let application: ApplicationID
    package let group: GroupID
    package var name: String
    /// One of an application in a group is; the others are kept for another day.
    package var isActive: Bool
    package var content: PolicyContent
    package var revision: Int64

    package init(
        id: PolicyID, application: ApplicationID, group: GroupID, name: String, isActive: Bool = true,
        content: PolicyContent = PolicyContent(), revision: Int64 = 1
    ) {
        self.id = id
        self.application = application
        self.group = group
        self.name = name
        self.isActive = isActive
        self.content = content
        self.revision = revision
    }
}
