package import MusterModel
import MusterTrust
import MusterWire

/// What the agent says of itself: to `muster-agent status`, and to scripts as JSON.
package struct StatusReport: Codable, Hashable, Sendable {
    /// Whether an agent runs on this state directory. Without one the rest is as the last one left it.
    package var running: Bool
    package var agentVersion: String
    /// Nil before enrolment.
    package var device: DeviceID?
    /// Of the device's own certificate.
    package var certificateNotAfter: Timestamp?
    /// `HOST:PORT`, in order of preference.
    package var servers: [String]
    /// What they are reached through, without its password.
    package var proxy: String?
    /// As the server presented it last; nil before the first connection.
    package var serverCertificate: ServerCertificateReport?
    package var pins: [Fingerprint]
    package var syncIntervalSeconds: Double
    /// These by the device's clock.
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    package var spool: SpoolReport
    /// Server minus device.
    package var clockOffsetSeconds: Double?
    /// Nil while there is none.
    package var connection: ConnectionReport?
    /// Nil while connections succeed.
    package var lastError: LastErrorReport?
    /// The addresses that were tried in vain when the agent connected last; nil without a running agent.
    package var attempts: [ServerAttempt]?
    /// When this agent started; nil without one.
    package var started: Timestamp?
    /// The package whose connection file waits for the device to enrol by it.
    package var package: String?
    /// Which of the servers was connected to last.
    package var lastServer: String?
    /// How many installed applications the server has acknowledged.
    package var applications: Int?
    /// Of the running agent; nil without one.
    package var connectionRequests: ConnectionRequestReport?
    /// As they are reported to the server.
    package var managedApplications: [ManagedApplicationReport]?
    /// Tasks that this device runs by itself.
    package var scheduledTasks: [ScheduledTaskReport]?
    /// Runs that wait or are under way.
    package var runs: [OpenRunReport]?
    /// Nil: the device's owner forbids nothing.
    package var ceiling: CeilingReport?
    /// Of the running agent; nil without one.
    package var externalConnectors: [ExternalConnectorReport]?
}

/// The running agent is connected.
package struct ConnectionReport: Codable, Hashable, Sendable {
    /// `HOST:PORT`.
    package var server: String
    /// By the device's clock.
    package var since: Timestamp

    init(_ connection: LinkStanding.Connection) {
        server = connection.server.description
        since = connection.since
    }
}

/// The server's certificate, to be compared with what the administrator sees.
package struct ServerCertificateReport: Codable, Hashable, Sendable {
    package var subject: String
    package var fingerprint: Fingerprint
    /// SHA-256 of its public key: what the pins are compared with.
    package var pin: Fingerprint
    package var notBefore: Timestamp
    package var notAfter: Timestamp
}

/// Events not yet stored at the server.
package struct SpoolReport: Codable, Hashable, Sendable {
    package var events: Int
    package var bytes: Int
    /// Numbers that gaps stand for.
    package var dropped: UInt64
    /// Decimal text, as in `RaiseReport`.
    package var epoch: String
    /// The number the next event gets.
    package var next: UInt64
}

/// Connections have been failing.
package struct LastErrorReport: Codable, Hashable, Sendable {
    /// The code of a `CloseReason`.
    package var reason: String
    package var text: String
    package var since: Timestamp
    package var attempts: Int
    package var nextTry: Timestamp?
}

extension StatusReport {
    /// Reads it all from the database: blocks, never on an event loop. The caller runs the agent, or holds its `StateLock`.
    package static func make(state: AgentState, spool: Spool, running: Bool) throws(AgentError) -> Self {
        let identity = try state.identity()
        let facts = try state.facts()
        let certificate = identity.flatMap { try? CertificateFacts(der: $0.certificateDER) }
        return Self(
            running: running, agentVersion: AgentVersion.current, device: identity?.device,
            certificateNotAfter: certificate?.notAfter, servers: try state.servers().map(\.description),
            proxy: try state.proxy()?.description,
            serverCertificate: facts.serverCertificateDER.flatMap(ServerCertificateReport.init(der:)),
            pins: try state.pins(), syncIntervalSeconds: facts.syncInterval.duration.inSeconds,
            lastConnection: facts.lastConnection, lastSynchronization: facts.lastSynchronization,
            nextSynchronization: facts.nextSynchronization, spool: SpoolReport(try spool.statistics()),
            clockOffsetSeconds: facts.clockOffset?.inSeconds, lastError: facts.failure.map(LastErrorReport.init),
            lastServer: facts.lastServer, applications: try state.acknowledged(.installed)?.items().count,
            managedApplications: try state.reported(.applications).flatMap { try? $0.applications() }?
                .map(ManagedApplicationReport.init),
            scheduledTasks: try state.scheduledTasks(now: .now(), zone: DeviceZone(root: RootPath("/")).rules),
            runs: try state.openRuns().map(OpenRunReport.init))
    }
}

extension ServerCertificateReport {
    /// Nil for one this version cannot read: `status` shows the rest all the same.
    fileprivate init?(der: [UInt8]) {
        guard let facts = try? CertificateFacts(der: der) else { return nil }
        self.init(
            subject: facts.subject, fingerprint: facts.fingerprint, pin: facts.pin, notBefore: facts.notBefore,
            notAfter: facts.notAfter)
    }
}

extension SpoolReport {
    fileprivate init(_ statistics: SpoolStatistics) {
        self.init(
            events: statistics.events, bytes: statistics.bytes, dropped: statistics.dropped,
            epoch: String(statistics.position.epoch), next: statistics.position.next)
    }
}

extension LastErrorReport {
    /// `the server takes this machine for a copy of another device (cloneSuspected)`; a code this version does not know stays one.
    package var words: String { CloseReason(code: reason)?.explanation ?? reason }

    fileprivate init(_ failure: ConnectionFailure) {
        self.init(
            reason: failure.reason.code, text: failure.text, since: failure.since, attempts: failure.attempts,
            nextTry: failure.nextTry)
    }
}

extension Duration {
    /// As in JSON: to the millisecond.
    fileprivate var inSeconds: Double { Double(milliseconds) / 1000 }
}
