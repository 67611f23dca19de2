package import MusterModel

/// What rules do: those of one kind are in an order of their own.
package enum RuleKind: Int64, Hashable, Sendable, CaseIterable {
    /// The first that is enabled and holds places a device.
    case moving = 1
    /// Each that is enabled and holds gives its tag.
    case tag = 2

    package init(_ effect: DeviceRule.Effect) {
        switch effect {
        case .move: self = .moving
        case .tag: self = .tag
        }
    }

    package var code: String {
        switch self {
        case .moving: "moving"
        case .tag: "tag"
        }
    }
}

/// A rule as it is stored.
package struct RuleRecord: Hashable, Sendable {
    package var rule: DeviceRule
    package var revision: Int64

    package init(_ rule: DeviceRule, revision: Int64 = 1) {
        self.rule = rule
        self.revision = revision
    }

    package var id: RuleID { rule.id }
    package var kind: RuleKind { RuleKind(rule.effect) }
}

/// A question about devices that is kept under a name.
package struct SelectionRecord: Hashable, Sendable {
    /// More than anybody looks through; each is a row of a list.
    package static let maximumCount = 500

    package var id: SelectionID
    /// No two have the same.
    package var name: String
    /// A device expression.
    package var expression: String
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp

    package init(
        id: SelectionID, name: String, expression: String, revision: Int64 = 1, created: Timestamp, changed: Timestamp
    ) {
        self.id = id
        self.name = name
        self.expression = expression
        self.revision = revision
        self.created = created
        self.changed = changed
    }
}
