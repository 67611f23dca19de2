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
