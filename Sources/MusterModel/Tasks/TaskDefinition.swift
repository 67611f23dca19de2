/// A **task** as a device needs it: what to do with which application, and when. Whom it is for stays at the server.
package struct TaskDefinition: Hashable, Sendable {
    /// Of a name, in UTF-8.
    package static let maximumName = 200

    package var id: TaskID
    /// Rises with every change: a run says of which it was.
    package var revision: Int64
    package var name: String
    package var application: ApplicationID
    /// One of the application's task types.
    package var type: String
    /// Secrets in it are open on a device and on the way there, sealed at the server.
    package var settings: [String: ManagedValue]
    package var timing: TaskTiming

    package init(
        id: TaskID, revision: Int64, name: String, application: ApplicationID, type: String,
        settings: [String: ManagedValue] = [:], timing: TaskTiming
    ) {
        self.id = id
        self.revision = revision
        self.name = name
        self.application = application
        self.type = type
        self.settings = settings
        self.timing = timing
    }
}

/// What names a task.
package enum TaskEntity {}
/// What names a run of a task on one device; one that was ordered has the id of its action.
package enum RunEntity {}

package typealias TaskID = EntityID<TaskEntity>
package typealias RunID = EntityID<RunEntity>

extension RunID {
    /// The run that an action ordered.
    package init(_ action: ActionID) { self = Self(bytes: action.bytes) ?? .wellKnown(0) }
}

extension ActionID {
    /// That ordered the run, if one did.
    package init(_ run: RunID) { self = Self(bytes: run.bytes) ?? .wellKnown(0) }
}
