package import MusterModel

/// How a check ended: to `muster-agent check`, and to scripts as JSON.
package struct CheckReport: Codable, Hashable, Sendable {
    package var agentVersion: String
    /// Nil as before enrolment.
    package var device: DeviceID?
    /// Without its password.
    package var proxy: String?
    /// Nil where no agent runs.
    package var link: LinkReport?
    package var findings: [CheckFinding]
    /// The first step that failed, of those that matter: of several servers one that serves is enough.
    package var failed: CheckStep?
    /// 0, or `failed`'s.
    package var exitCode: Int32
}

/// How the running agent stands with its server.
package struct LinkReport: Codable, Hashable, Sendable {
    /// Nil while there is none.
    package var connection: ConnectionReport?
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    /// Nil while connections succeed.
    package var lastError: LastErrorReport?

    init(_ status: StatusReport) {
        connection = status.connection
        lastConnection = status.lastConnection
        lastSynchronization = status.lastSynchronization
        nextSynchronization = status.nextSynchronization
        lastError = status.lastError
    }
}
