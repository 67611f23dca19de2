/// Where devices come that enrol by a token or an installation package.
package struct EnrolmentTarget: Hashable, Sendable {
    /// They are placed there as by hand; nil: automatically.
    package var group: GroupID?
    /// They have these as given by hand.
    package var tags: [String]
    /// They stay in *Unassigned* until an administrator approves of them.
    package var needsApproval: Bool

    package init(group: GroupID? = nil, tags: [String] = [], needsApproval: Bool = false) {
        self.group = group
        self.tags = tags
        self.needsApproval = needsApproval
    }

    package static let none = EnrolmentTarget()
}
