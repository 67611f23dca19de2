import MusterModel

/// What the link has to do with the settings of managed applications: it receives them, and says what the connectors counted.
struct LinkSettings: Sendable {
    /// What the device's owner forbids just now.
    let ceiling: @Sendable () -> Ceiling
    /// A desired document was stored.
    let held: @Sendable () -> Void
    /// Connection settings are in force, or were given up.
    let settled: @Sendable () -> Void
    let statistics: @Sendable () -> [ApplicationID: [String: Int64]]
}

/// What the link has to do with tasks: it receives orders, and sends what became of runs.
struct LinkTasks: Sendable {
    /// A run was ordered or stopped, or other tasks are held.
    let wake: @Sendable () -> Void
    /// How far the runs under way are.
    let progress: @Sendable () -> [RunProgress]
    /// Nil: it is not there any more.
    let output: @Sendable (RunID) -> RunOutput?
    /// The server has it, or does not want it.
    let forgetOutput: @Sendable (RunID) -> Void
}
