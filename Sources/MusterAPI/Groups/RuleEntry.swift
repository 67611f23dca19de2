package import MusterModel

/// A moving rule or a tag rule.
package struct RuleEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: RuleID
    package var name: String
    /// Its place among the rules of its kind, from 1.
    package var position: Int64
    /// A device expression.
    package var when: String
    /// Of a moving rule; absent there: *Unassigned*.
    package var to: GroupReference?
    /// Of a tag rule.
    package var tag: String?
    package var enabled: Bool
    package var revision: Int64

    package init(
        id: RuleID, name: String, position: Int64, when: String, to: GroupReference?, tag: String?, enabled: Bool, revision: Int64
    ) {
        self.id = id
        self.name = name
        self.position = position
        self.when = when
        self.to = to
        self.tag = tag
        self.enabled = enabled
        self.revision = revision
    }
}

/// `POST` and `PATCH` of moving rules and tag rules. Making one needs `name`, `when`, and `to` or `tag` by its kind.
package struct RuleChange: ChangeRequest {
    package var name: String?
    package var when: String?
    /// Of a moving rule: a group's path or id, or `unassigned`.
    package var to: String?
    /// Of a tag rule.
    package var tag: String?
    package var enabled: Bool?
    /// When it is made: its place, from 1; the last without it.
    package var position: Int64?

    package init(
        name: String? = nil, when: String? = nil, to: String? = nil, tag: String? = nil, enabled: Bool? = nil,
        position: Int64? = nil
    ) {
        self.name = name
        self.when = when
        self.to = to
        self.tag = tag
        self.enabled = enabled
        self.position = position
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case name, when, to, tag, enabled, position }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}

/// `PUT /moving-rules`, `PUT /tag-rules`: all rules of the kind in their new order.
package struct OrderRules: ChangeRequest {
    package var order: [RuleID]

    package init(order: [RuleID]) { self.order = order }

    package enum CodingKeys: String, CodingKey, CaseIterable { case order }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}

/// The answer to a dry run: what a change of rules would do to devices as they are now. Nothing was changed.
package struct RuleEffect: Codable, Sendable, Hashable {
    package struct Device: Codable, Sendable, Hashable {
        package var device: DeviceID
        package var name: String
        /// Where it is; absent: *Unassigned*.
        package var from: String?
        /// Where it would be.
        package var to: String?
        package var addedTags: [String]
        package var removedTags: [String]

        package init(
            device: DeviceID, name: String, from: String?, to: String?, addedTags: [String], removedTags: [String]
        ) {
            self.device = device
            self.name = name
            self.from = from
            self.to = to
            self.addedTags = addedTags
            self.removedTags = removedTags
        }

        package var moves: Bool { from != to }
    }

    /// How many would be elsewhere.
    package var moved: Int64
    /// How many would have other tags.
    package var tagged: Int64
    /// The first of them, by name.
    package var devices: [Device]

    package init(moved: Int64, tagged: Int64, devices: [Device]) {
        self.moved = moved
        self.tagged = tagged
        self.devices = devices
    }

    /// Of the devices listed.
    package static let maximumListed = 1000
}
