package import MusterModel

/// `PATCH /devices`: the same change for many devices. What is there is changed, the rest stays.
package struct ChangeDevices: ChangeRequest {
    package var devices: [DeviceID]
    /// Where they go: a group's path or id, `unassigned`, or `automatic`.
    package var group: String?
    /// Those that wait for approval have it.
    package var approve: Bool?
    package var addTags: [String]?
    package var removeTags: [String]?

    package init(
        devices: [DeviceID], group: String? = nil, approve: Bool? = nil, addTags: [String]? = nil, removeTags: [String]? = nil
    ) {
        self.devices = devices
        self.group = group
        self.approve = approve
        self.addTags = addTags
        self.removeTags = removeTags
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case devices, group, approve, addTags, removeTags }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// As an action's: each is a row of the audit trail.
    package static let maximumDevices = 10_000
}

/// The answer.
package struct ChangedDevices: Codable, Sendable, Hashable {
    /// How many were named.
    package var devices: Int64
    /// Of them, those that are another now; the others were so already.
    package var changed: Int64

    package init(devices: Int64, changed: Int64) {
        self.devices = devices
        self.changed = changed
    }
}

/// How a device is, and why.
package struct DeviceStatusEntry: Codable, Sendable, Hashable {
    package struct Reason: Codable, Sendable, Hashable {
        /// `overdue`, `unit-failed`, `disk-nearly-full` …; newer servers may have others.
        package var code: String
        package var level: String
        package var since: Timestamp?
        /// What it is about, partly the device's own words: hostile text.
        package var subjects: [String]

        package init(_ reason: StatusReason) {
            code = reason.code.rawValue
            level = reason.level.code
            since = reason.since
            subjects = reason.subjects
        }
    }

    /// `ok`, `warning`, `critical`; `revoked` of one that is served no more and is not judged.
    package var level: String
    /// Since when it is at that level, as far as the server knows since its start.
    package var since: Timestamp?
    /// The worst first.
    package var reasons: [Reason]

    package init(_ status: DeviceStatus, since: Timestamp?) {
        level = status.level.code
        self.since = since
        reasons = status.reasons.map(Reason.init)
    }
}
