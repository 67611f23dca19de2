package import MusterModel

/// An administration group as other things name it.
package struct GroupReference: Codable, Sendable, Hashable {
    package var id: GroupID
    /// `/Warsaw/Office`; `/` is the root.
    package var path: String

    package init(id: GroupID, path: String) {
        self.id = id
        self.path = path
    }
}

/// A policy.
package struct PolicyEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: PolicyID
    package var name: String
    package var application: String
    package var group: GroupReference
    package var active: Bool
    /// +1 with each change; also the `ETag`.
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp
    package var settings: [String: PolicySetting]
    /// In order: a later one that holds changes what an earlier one said.
    package var profiles: [PolicyProfileEntry]
    /// In the answer to a change that made it active: the name of the policy that was so before.
    package var replaced: String?

    package init(
        id: PolicyID, name: String, application: String, group: GroupReference, active: Bool, revision: Int64, created: Timestamp,
        changed: Timestamp, settings: [String: PolicySetting], profiles: [PolicyProfileEntry]
    ) {
        self.id = id
        self.name = name
        self.application = application
        self.group = group
        self.active = active
        self.revision = revision
        self.created = created
        self.changed = changed
        self.settings = settings
        self.profiles = profiles
    }
}

/// A part of a policy that is in force where its condition holds.
package struct PolicyProfileEntry: Codable, Sendable, Hashable {
    package var name: String
    /// A device expression.
    package var when: String
    /// Absent in a request: enabled.
    package var enabled: Bool?
    package var settings: [String: PolicySetting]

    package init(name: String, when: String, enabled: Bool? = nil, settings: [String: PolicySetting] = [:]) {
        self.name = name
        self.when = when
        self.enabled = enabled
        self.settings = settings
    }
}

/// `POST /policies`.
package struct CreatePolicy: ChangeRequest {
    package var name: String
    package var application: String
    /// An id, or a path.
    package var group: String
    /// Absent: it is.
    package var active: Bool?
    package var settings: [String: PolicySetting]?
    package var profiles: [PolicyProfileEntry]?

    package static let members = ["name", "application", "group", "active", "settings", "profiles"]

    package init(
        name: String, application: String, group: String, active: Bool? = nil, settings: [String: PolicySetting]? = nil,
        profiles: [PolicyProfileEntry]? = nil
    ) {
        self.name = name
        self.application = application
        self.group = group
        self.active = active
        self.settings = settings
        self.profiles = profiles
    }
}

/// `PATCH /policies/{id}`: what is absent stays. `?dryRun=true` says what it would do.
package struct ChangePolicy: ChangeRequest {
    package var name: String?
    package var active: Bool?
    /// By key; `null` takes a value out of the policy.
    package var settings: [String: PolicySetting?]?
    /// All of them, in order.
    package var profiles: [PolicyProfileEntry]?

    package static let members = ["name", "active", "settings", "profiles"]

    package init(
        name: String? = nil, active: Bool? = nil, settings: [String: PolicySetting?]? = nil, profiles: [PolicyProfileEntry]? = nil
    ) {
        self.name = name
        self.active = active
        self.settings = settings
        self.profiles = profiles
    }
}

/// `POST /policies/{id}/restore`: the content of an earlier revision again, as a new one.
package struct RestorePolicy: ChangeRequest {
    package var revision: Int64

    package static let members = ["revision"]

    package init(revision: Int64) { self.revision = revision }
}

/// What a change of a policy would do, before it is made.
package struct PolicyDryRun: Codable, Sendable, Hashable {
    /// Devices whose settings would be others.
    package var devices: Int64
    /// Of those, devices that are connected or can be asked to connect: they would have it at once.
    package var reachableNow: Int64
    /// Of documents, all devices together, before deflating.
    package var bytes: Int64

    package init(devices: Int64, reachableNow: Int64, bytes: Int64) {
        self.devices = devices
        self.reachableNow = reachableNow
        self.bytes = bytes
    }
}

/// A policy as it was.
package struct PolicyRevisionEntry: Codable, Sendable, Hashable {
    package var revision: Int64
    package var at: Timestamp
    /// Who: a kind and an id.
    package var principal: String
    /// What the API token is called that did it.
    package var principalName: String?
    /// What was done, in words.
    package var change: String

    package init(revision: Int64, at: Timestamp, principal: String, change: String) {
        self.revision = revision
        self.at = at
        self.principal = principal
        self.change = change
    }
}

/// How far a policy has come.
package struct PolicyDelivery: Codable, Sendable, Hashable {
    package var policy: PolicyID
    package var revision: Int64
    /// Devices for which it is in force.
    package var total: Int64
    /// By how far they are: `pending`, `delivered`, `applied`, `failed`, `not-supported`. None: absent.
    package var counts: [String: Int64]
    /// Devices whose owner does not let the server set some of it.
    package var restricted: Int64?

    package init(policy: PolicyID, revision: Int64, total: Int64, counts: [String: Int64], restricted: Int64? = nil) {
        self.restricted = restricted
        self.policy = policy
        self.revision = revision
        self.total = total
        self.counts = counts
    }
}

/// How far a policy has come to one device.
package struct PolicyDeviceEntry: Codable, Sendable, Hashable {
    package var device: DeviceID
    package var deviceName: String
    package var delivery: String
    /// Why it failed.
    package var code: String?
    package var text: String?
    /// Keys that the device's owner does not let the server set.
    package var restricted: [String]?
    package var changedLocally: [String]?
    package var connectionState: String?
    package var nextSynchronization: Timestamp?

    package init(
        device: DeviceID, deviceName: String, delivery: String, code: String? = nil, text: String? = nil,
        restricted: [String]? = nil,
        changedLocally: [String]? = nil, connectionState: String? = nil, nextSynchronization: Timestamp? = nil
    ) {
        self.device = device
        self.deviceName = deviceName
        self.delivery = delivery
        self.code = code
        self.text = text
        self.restricted = restricted
        self.changedLocally = changedLocally
        self.connectionState = connectionState
        self.nextSynchronization = nextSynchronization
    }
}
