package import MusterModel

/// A task.
package struct TaskEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: TaskID
    package var name: String
    package var application: String
    package var type: String
    package var settings: [String: ManagedValueEntry]
    /// As people write it: `manual`, `daily 03:00`.
    package var schedule: String
    /// A run that was missed is caught up on.
    package var runMissed: Bool
    package var randomDelaySeconds: Int64
    /// Absent: it may take as long as it takes.
    package var stopAfterSeconds: Int64?
    package var scope: TaskScopeEntry
    /// How long an order waits for devices that are away, unless the order says otherwise.
    package var expiresAfterSeconds: Int64
    /// +1 with each change; also the `ETag`.
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp

    package init(
        id: TaskID, name: String, application: String, type: String, settings: [String: ManagedValueEntry], schedule: String,
        runMissed: Bool, randomDelaySeconds: Int64, stopAfterSeconds: Int64?, scope: TaskScopeEntry, expiresAfterSeconds: Int64,
        revision: Int64, created: Timestamp, changed: Timestamp
    ) {
        self.id = id
        self.name = name
        self.application = application
        self.type = type
        self.settings = settings
        self.schedule = schedule
        self.runMissed = runMissed
        self.randomDelaySeconds = randomDelaySeconds
        self.stopAfterSeconds = stopAfterSeconds
        self.scope = scope
        self.expiresAfterSeconds = expiresAfterSeconds
        self.revision = revision
        self.created = created
        self.changed = changed
    }
}

/// Whom a task is for: one of these.
package struct TaskScopeEntry: Codable, Sendable, Hashable {
    /// Devices of this group and those below it.
    package var group: GroupReference?
    /// The devices that this device selection gives, at each time.
    package var selection: SelectionReference?
    package var devices: [DeviceID]?
    /// What those are called, by id; one that was deleted is left out. Names come from devices: hostile text wherever they are shown.
    package var deviceNames: [String: String]?

    package init(
        group: GroupReference? = nil, selection: SelectionReference? = nil, devices: [DeviceID]? = nil,
        deviceNames: [String: String]? = nil
    ) {
        self.group = group
        self.selection = selection
        self.devices = devices
        self.deviceNames = deviceNames
    }
}

/// A device selection as other things name it.
package struct SelectionReference: Codable, Sendable, Hashable {
    package var id: SelectionID
    package var name: String

    package init(id: SelectionID, name: String) {
        self.id = id
        self.name = name
    }
}

/// `POST /tasks`: for exactly one of a group, a device selection and devices.
package struct CreateTask: ChangeRequest {
    package var name: String
    package var application: String
    package var type: String
    package var settings: [String: ManagedValueEntry]?
    /// Absent: `manual`.
    package var schedule: String?
    package var runMissed: Bool?
    package var randomDelaySeconds: Int64?
    package var stopAfterSeconds: Int64?
    /// An id or a path.
    package var group: String?
    /// An id or a name.
    package var selection: String?
    package var devices: [DeviceID]?
    package var expiresAfterSeconds: Int64?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, application, type, settings, schedule, runMissed, randomDelaySeconds, stopAfterSeconds, group, selection
        case devices, expiresAfterSeconds
    }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    package init(name: String, application: String, type: String, settings: [String: ManagedValueEntry]? = nil) {
        self.name = name
        self.application = application
        self.type = type
        self.settings = settings
    }
}

/// `PATCH /tasks/{id}`: what is absent stays.
package struct ChangeTask: ChangeRequest {
    package var name: String?
    /// By key; `null` takes a value out of the task.
    package var settings: [String: ManagedValueEntry?]?
    package var schedule: String?
    package var runMissed: Bool?
    package var randomDelaySeconds: Int64?
    /// 0: it may take as long as it takes.
    package var stopAfterSeconds: Int64?
    package var group: String?
    package var selection: String?
    package var devices: [DeviceID]?
    package var expiresAfterSeconds: Int64?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, settings, schedule, runMissed, randomDelaySeconds, stopAfterSeconds, group, selection, devices
        case expiresAfterSeconds
    }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    package init() {}
}

/// `POST /tasks/{id}/run`: without any member on all the devices the task is for.
package struct RunTask: ChangeRequest {
    package var devices: [DeviceID]?
    /// All managed devices.
    package var all: Bool?
    /// A device expression.
    package var filter: String?
    /// The id or name of a device selection.
    package var selection: String?
    /// After that a run that has not begun must not; as the task says unless said otherwise.
    package var expiresAfterSeconds: Int64?

    package enum CodingKeys: String, CodingKey, CaseIterable { case devices, all, filter, selection, expiresAfterSeconds }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    package init(
        devices: [DeviceID]? = nil, all: Bool? = nil, filter: String? = nil, selection: String? = nil,
        expiresAfterSeconds: Int64? = nil
    ) {
        self.devices = devices
        self.all = all
        self.filter = filter
        self.selection = selection
        self.expiresAfterSeconds = expiresAfterSeconds
    }
}
