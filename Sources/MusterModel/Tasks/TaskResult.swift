/// How a run of a task ended. The codes travel in events and are what tables and people see.
package enum TaskResult: String, CaseIterable, Hashable, Sendable, Codable {
    case succeeded
    case failed
    /// Somebody stopped it.
    case stopped
    /// It took longer than it may.
    case timedOut = "timed-out"
    /// The device was shut down or restarted under it, or its process was killed.
    case interrupted
}
