/// A rule that administrators wrote down: where its condition holds, a device is in a group, or has a tag.
package struct DeviceRule: Hashable, Sendable {
    package enum Effect: Hashable, Sendable {
        /// Nil: *Unassigned*.
        case move(to: GroupID?)
        case tag(String)
    }

    /// Of each kind. Every one is asked of a device when a fact of it changes.
    package static let maximumCount = 200

    package let id: RuleID
    package var name: String
    /// A device expression.
    package var condition: String
    package var effect: Effect
    package var isEnabled: Bool

    package init(id: RuleID, name: String, condition: String, effect: Effect, isEnabled: Bool = true) {
        self.id = id
        self.name = name
        self.condition = condition
        self.effect = effect
        self.isEnabled = isEnabled
    }
}

package enum RuleEntity {}
package typealias RuleID = EntityID<RuleEntity>
package enum SelectionEntity {}
package typealias SelectionID = EntityID<SelectionEntity>
