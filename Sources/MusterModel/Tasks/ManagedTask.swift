/// A **task** as it is kept at the server: what devices need of it, and whom it is for.
package struct ManagedTask: Hashable, Sendable {
    /// How long an order waits for devices that are away, unless the order says otherwise.
    package static let standardWait = Duration.days(7)
    package static let waits: ClosedRange<Duration> = .seconds(1) ... .days(365)

    package var definition: TaskDefinition
    package var scope: TaskScope
    package var wait: Duration

    package init(_ definition: TaskDefinition, scope: TaskScope, wait: Duration = standardWait) {
        self.definition = definition
        self.scope = scope
        self.wait = wait
    }

    package var id: TaskID { definition.id }
    /// Devices hold it and begin it by themselves.
    package var isScheduled: Bool { definition.timing.schedule != .manually }
}

/// Whom a task is for. Devices in *Unassigned* get no tasks, whatever it says.
package enum TaskScope: Hashable, Sendable {
    /// Devices in this group and those below it.
    case group(GroupID)
    /// Those that this selection gives, at each time.
    case selection(SelectionID)
    case devices([DeviceID])

    /// Named one by one: more of them are a group or a selection.
    package static let maximumDevices = 1_000
}

/// As JSON: `{"group": "…"}`, `{"selection": "…"}`, `{"devices": ["…"]}`.
extension TaskScope: Codable {
    private enum CodingKeys: String, CodingKey { case group, selection, devices }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let group = try container.decodeIfPresent(GroupID.self, forKey: .group) {
            self = .group(group)
        } else if let selection = try container.decodeIfPresent(SelectionID.self, forKey: .selection) {
            self = .selection(selection)
        } else {
            self = .devices(try container.decode([DeviceID].self, forKey: .devices))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .group(let group): try container.encode(group, forKey: .group)
        case .selection(let selection): try container.encode(selection, forKey: .selection)
        case .devices(let devices): try container.encode(devices, forKey: .devices)
        }
    }
}
