/// Where the device's owner says what the agent does there.
package struct AgentConfiguration: Hashable, Sendable {
    package static let standardDirectory = "/etc/muster"

    package static let standardConnectors = "/usr/lib/muster-agent/connectors"

    package var directory = Self.standardDirectory
    /// Where connectors of others are.
    package var connectors = Self.standardConnectors
    /// Whose the ceiling must be: root's.
    package var owner: UInt32 = 0
    /// Of the system; tests have their own.
    package var root = "/"
    /// What runs of tasks are started with; nil: this program.
    package var executable: String?

    package init() {}

    package init(directory: String, connectors: String = standardConnectors) {
        self.directory = directory
        self.connectors = connectors
    }
}
