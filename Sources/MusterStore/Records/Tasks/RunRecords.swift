package import MusterModel

/// A run of a task on one device.
package struct RunRecord: Hashable, Sendable {
    package var id: RunID
    package var task: TaskID
    package var taskName: String
    package var application: String
    package var type: String
    /// Of the task, as it was ordered or began.
    package var revision: Int64
    package var device: DeviceID
    package var deviceName: String
    package var state: RunState
    /// When it was ordered; of one that the device's schedule began, when it began.
    package var created: Timestamp
    package var started: Timestamp?
    package var ended: Timestamp?
    package var exitCode: Int64?
    /// Why it did not succeed; empty otherwise.
    package var code: String
    package var text: String
    package var duration: Duration?
    /// Bytes its programs said.
    package var outputBytes: Int64
    /// Whether what is kept of them is here.
    package var hasOutput: Bool
    package var figures: [String: Int64]
    /// Who ordered it by which order; nil: the device's schedule began it.
    package var order: ActionOrderID?
    package var principal: AuditPrincipal?
    /// How it is on its way to the device; nil: nobody ordered it, or it is long over.
    package var action: RunAction?

    package var cursor: CreationCursor<RunEntity> { CreationCursor(created: created, id: id) }
}

/// The action that carries a run to its device.
package struct RunAction: Hashable, Sendable {
    package var progress: ActionProgress
    package var reach: ActionReach?
    package var sent: Timestamp?
    package var expires: Timestamp
}

/// Which runs a list wants; nil: all.
package struct RunQuestion: Hashable, Sendable {
    package var task: TaskID?
    package var device: DeviceID?
    package var order: ActionOrderID?
    package var states: Set<RunState>?

    package init(
        task: TaskID? = nil, device: DeviceID? = nil, order: ActionOrderID? = nil, states: Set<RunState>? = nil
    ) {
        self.task = task
        self.device = device
        self.order = order
        self.states = states
    }
}

/// How a task went on a device.
package struct LastRuns: Hashable, Sendable {
    package var last: RunRecord
    /// After it had begun; nil: none.
    package var lastEnded: RunRecord?
}

/// How the last run of a task on a device ended.
package struct RunOutcome: Hashable, Sendable {
    package var device: DeviceID
    package var task: TaskID
    package var run: RunID
    package var state: RunState

    package init(device: DeviceID, task: TaskID, run: RunID, state: RunState) {
        self.device = device
        self.task = task
        self.run = run
        self.state = state
    }
}

/// What came of cancelling a run.
package enum RunCancellation: Hashable, Sendable {
    case cancelled
    /// It was said to the device, which did not answer yet.
    case cancelledAfterSaid
    /// The device has it, or it is over.
    case notWaiting
}
