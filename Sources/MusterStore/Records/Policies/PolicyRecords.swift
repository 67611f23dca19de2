package import MusterModel

/// A policy as it is stored.
package struct PolicyRecord: Hashable, Sendable {
    /// Of all groups. All are kept in memory by the server.
    package static let maximumCount = 2_000

    package var policy: Policy
    package var created: Timestamp
    package var changed: Timestamp

    package init(_ policy: Policy, created: Timestamp, changed: Timestamp) {
        self.policy = policy
        self.created = created
        self.changed = changed
    }

    package var id: PolicyID { policy.id }
}

/// What a change did: of an application in a group one policy is active, so another may have had to give way.
package struct PolicyChange: Hashable, Sendable {
    package var policy: PolicyRecord
    package var deactivated: PolicyRecord?

    package init(_ policy: PolicyRecord, deactivated: PolicyRecord? = nil) {
        self.policy = policy
        self.deactivated = deactivated
    }
}

/// One revision of a policy: who made it when, and what it says.
package struct PolicyRevisionRecord: Hashable, Sendable {
    /// Of each policy, the newest: some weeks of a policy changed several times a day.
    package static let kept: Int64 = 100

    package var policy: PolicyID
    package var revision: Int64
    package var at: Timestamp
    package var principal: AuditPrincipal
    /// What was done, in words or a code of `PolicyChangeCode`.
    package var change: String
    package var name: String
    package var isActive: Bool
    /// Nil in lists.
    package var content: PolicyContent?
}

/// What was done to a policy, where its content stayed.
package enum PolicyChangeCode {
    package static let created = "created"
    package static let renamed = "renamed"
    package static let activated = "activated"
    package static let deactivated = "deactivated"
    package static let moved = "moved"
    package static let deleted = "deleted"
}
