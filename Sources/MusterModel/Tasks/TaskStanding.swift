/// How a task stands on a device: document `task-states`. Nothing in it changes by itself: when it runs next is not in it.
package struct TaskStanding: Hashable, Sendable {
    /// The numbers travel.
    package enum State: Int, Hashable, Sendable, CaseIterable {
        /// Held; it runs when its schedule or somebody says so.
        case waiting = 1
        case running = 2
        /// The device will not run it: its owner forbids it, or its agent does not know how.
        case refused = 3

        package var code: String { "\(self)" }
    }

    package var task: TaskID
    /// Of the task that is in force.
    package var revision: Int64
    package var state: State
    /// Why it is refused: a code and a sentence; empty otherwise.
    package var code: String
    package var text: String
    /// How it ended last; nil: it did not run yet.
    package var lastResult: TaskResult?

    package init(
        task: TaskID, revision: Int64, state: State, code: String = "", text: String = "", lastResult: TaskResult? = nil
    ) {
        self.task = task
        self.revision = revision
        self.state = state
        self.code = code
        self.text = text
        self.lastResult = lastResult
    }
}
