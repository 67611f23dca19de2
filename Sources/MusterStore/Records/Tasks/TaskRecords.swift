package import MusterModel

/// A task as it is stored.
package struct TaskRecord: Hashable, Sendable {
    /// Of those that are not deleted. All are kept in memory by the server.
    package static let maximumCount = 1_000

    package var task: ManagedTask
    package var created: Timestamp
    package var changed: Timestamp
    /// Its runs and revisions outlive it.
    package var deleted: Timestamp?

    package init(_ task: ManagedTask, created: Timestamp, changed: Timestamp, deleted: Timestamp? = nil) {
        self.task = task
        self.created = created
        self.changed = changed
        self.deleted = deleted
    }

    package var id: TaskID { task.id }
}

/// What of a task is kept as JSON, in its row and with each revision.
struct TaskContent: Hashable, Sendable, Codable {
    var settings: [String: ManagedValue]
    var timing: TaskTiming
    var scope: TaskScope
    var waitSeconds: Int64

    init(_ task: ManagedTask) {
        settings = task.definition.settings
        timing = task.definition.timing
        scope = task.scope
        waitSeconds = task.wait.components.seconds
    }

    func task(
        _ id: TaskID, revision: Int64, name: String, application: String, type: String
    ) throws(StoreError) -> ManagedTask {
        guard let application = ApplicationID(application) else {
            throw .damaged("A task is for the application '\(application)'.")
        }
        return ManagedTask(
            TaskDefinition(
                id: id, revision: revision, name: name, application: application, type: type, settings: settings, timing: timing),
            scope: scope, wait: .seconds(waitSeconds))
    }
}

/// One revision of a task: who made it when.
package struct TaskRevisionRecord: Hashable, Sendable {
    package var revision: Int64
    package var at: Timestamp
    package var principal: AuditPrincipal
    package var change: String
}

/// Devices that a change or an order reaches which were not reached by the same account or token within the last hour are counted against
/// its reach.
package struct ReachClaim: Hashable, Sendable {
    package var devices: [DeviceID]
    package var reach: DeviceReach

    package init(_ devices: [DeviceID], reach: DeviceReach) {
        self.devices = devices
        self.reach = reach
    }
}

/// Why nothing was changed: more devices than the reach of the account or token allows.
package struct ReachExcess: Hashable, Sendable {
    package var limit: Int64
    /// Reached within the last hour.
    package var used: Int64
    /// To be reached besides.
    package var asked: Int64
    /// When there will be room for that many; nil: never, they are more than the limit.
    package var frees: Timestamp?
}

package enum Reached<Value: Sendable>: Sendable {
    case done(Value)
    case exceeded(ReachExcess)
}
