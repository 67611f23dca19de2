package import MusterModel

/// A run of a task on one device.
package struct RunEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: RunID
    package var task: TaskID
    package var taskName: String
    package var application: String
    package var type: String
    /// Of the task, as it was ordered or began.
    package var revision: Int64
    package var device: DeviceID
    package var deviceName: String
    /// `pending`, `accepted`, `running`, `succeeded`, `failed`, `stopped`, `timed-out`, `interrupted`, `refused`, `expired`, `cancelled`.
    package var state: String
    /// `order` or `schedule`.
    package var origin: String
    /// The action that ordered it, and who: a kind and an id.
    package var order: ActionOrderID?
    package var principal: String?
    /// What the API token is called that ordered it.
    package var principalName: String?
    package var created: Timestamp
    package var started: Timestamp?
    package var ended: Timestamp?
    package var durationSeconds: Double?
    package var exitCode: Int64?
    /// Why it did not succeed: a code and an English sentence.
    package var code: String?
    package var text: String?
    /// Numbers the task has to tell.
    package var figures: [String: Int64]
    /// Bytes its programs said, and whether what is kept of them is at the server.
    package var outputBytes: Int64
    package var hasOutput: Bool
    /// While it runs, as far as the device says: thousandths, and what it does just now.
    package var share: Int?
    package var step: String?
    /// While it waits: how far the order is on its way, how the device was reached or will be, and until when it waits.
    package var progress: String?
    package var route: String?
    package var connectedAfterMilliseconds: Int64?
    package var sent: Timestamp?
    package var expires: Timestamp?
    package var nextSynchronization: Timestamp?
    package var connectionState: String?
    package var permanentConnection: Bool?

    package init(
        id: RunID, task: TaskID, taskName: String, application: String, type: String, revision: Int64, device: DeviceID,
        deviceName: String, state: String, origin: String, created: Timestamp
    ) {
        self.id = id
        self.task = task
        self.taskName = taskName
        self.application = application
        self.type = type
        self.revision = revision
        self.device = device
        self.deviceName = deviceName
        self.state = state
        self.origin = origin
        self.created = created
        figures = [:]
        outputBytes = 0
        hasOutput = false
    }
}

/// What is kept of what the programs of a run said. It comes from a device: hostile text wherever it is shown.
package struct RunOutputEntry: Codable, Sendable, Hashable {
    package var run: RunID
    /// The beginning, or all of it. What is not UTF-8 is replaced.
    package var head: String
    /// The end; absent when nothing was left out.
    package var tail: String?
    /// Bytes that were left out between them.
    package var leftOutBytes: Int64
    package var totalBytes: Int64

    package init(run: RunID, head: String, tail: String?, leftOutBytes: Int64, totalBytes: Int64) {
        self.run = run
        self.head = head
        self.tail = tail
        self.leftOutBytes = leftOutBytes
        self.totalBytes = totalBytes
    }
}

/// How a task stands on a device, as the device says.
package struct DeviceTaskEntry: Codable, Sendable, Hashable {
    package var task: TaskID
    package var name: String
    package var application: String
    package var type: String
    package var schedule: String
    /// Of the task, and of what the device has of it; absent: it does not have it yet, or does not hold it: it is run by hand only.
    package var revision: Int64
    package var heldRevision: Int64?
    /// `waiting`, `running`, `refused`; absent: the device said nothing of it.
    package var state: String?
    package var code: String?
    package var text: String?
    package var lastResult: String?

    package init(
        task: TaskID, name: String, application: String, type: String, schedule: String, revision: Int64
    ) {
        self.task = task
        self.name = name
        self.application = application
        self.type = type
        self.schedule = schedule
        self.revision = revision
    }
}
