package import Logging
package import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The Network Agent, put together: its database, the inventory and its watcher, the link to the server, the control socket.
package enum AgentProgram {
    /// Makes this device one of the server's. Interrupted anywhere and asked again with the same token, it becomes the same device: its
    /// key is saved before it is used.
    package static func enrol(_ options: EnrolOptions) async throws(AgentError) -> EnrolReport {
        let directory = try StateDirectory(options.stateDirectory, creating: true)
        let lock = try StateLock(directory, patience: .seconds(2))
        defer { withExtendedLifetime(lock) {} }
        let database = try AgentDatabase(directory, mode: .creating)
        return try await enrol(options, in: AgentState(database), isReplacing: false)
    }

    /// - Parameter isReplacing: enrols anew a device that is enrolled: with another key, so that it becomes another device. What it was stays
    ///   until that succeeded.
    static func enrol(
        _ options: EnrolOptions, in state: AgentState, isReplacing: Bool
    ) async throws(AgentError) -> EnrolReport {
        if !isReplacing, let identity = try state.identity() {
            throw AgentError(
                .alreadyEnrolled,
                """
                this device is enrolled as \(identity.device); to enrol it anew give a connection file and --replace, or move \
                \(options.stateDirectory) away first
                """)
        }
        let token: EnrolmentTokenText
        do { token = try EnrolmentTokenText(options.tokenText) } catch { throw AgentError(.connectionFailed, error.reason) }
        let key: PrivateKey
        if isReplacing {
            key = PrivateKey.generate()
            try state.savePendingKey(key.pem)
        } else {
            key = try pendingKey(in: state)
        }
        return try await Enroller(options: options, token: token, key: key, state: state).run()
    }

    static func pendingKey(in state: AgentState) throws(AgentError) -> PrivateKey {
        if let pem = try state.pendingKeyPEM() {
            do { return try PrivateKey(pem: pem) } catch { throw AgentError(.stateDamaged, "the saved key: \(error.reason)") }
        }
        let key = PrivateKey.generate()
        try state.savePendingKey(key.pem)
        return key
    }

    /// Empties this device's identity before an image of its disk is taken. Refuses while the agent runs.
    package static func prepareImage(stateDirectory: String) throws(AgentError) {
        let directory = try StateDirectory(stateDirectory)
        let lock = try StateLock(directory, patience: .seconds(2))
        defer { withExtendedLifetime(lock) {} }
        try AgentState(try AgentDatabase(directory, mode: .existing)).emptyForImage()
        for run in RunFolder.all(in: directory.path) { RunFolder(run, in: directory.path).remove() }
    }

    /// Runs until SIGTERM or SIGINT. A device that is not enrolled enrols first, by the connection file that waits for it.
    package static func run(
        stateDirectory: String, configuration: AgentConfiguration = AgentConfiguration(), logger: Logger
    ) async throws(AgentError) {
        let directory = try StateDirectory(stateDirectory, creating: false)
        let lock = try StateLock(directory, patience: .seconds(2))
        let pending = PendingConnection(directory)
        let database = try AgentDatabase(directory, mode: pending.isThere ? .creating : .existing)
        let state = AgentState(database)
        let held = try state.settingsInForce()?.eventsHeld ?? AgentSettings.standardEventsHeld
        let storage = AgentStorage(state: state, spool: Spool(database, limits: SpoolLimits(eventsHeld: held)))
        var enrolling: PendingAgent?
        if try storage.state.identity() != nil {
            try take(pending, into: storage.state, logger: logger)
        } else {
            guard try pending.file() != nil else {
                throw AgentError(
                    .notEnrolled,
                    "this device is not enrolled (muster-agent enrol …), and no connection file waits in \(directory.path)")
            }
            enrolling = PendingAgent(pending: pending, storage: storage, logger: logger)
        }
        let agent = AgentStages(
            pending: enrolling,
            agent: AgentService(storage: storage, pending: pending, configuration: configuration, logger: logger),
            storage: storage)
        let control = try ControlServer(directory: directory, holding: lock, handler: agent, logger: logger)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: agent), .init(service: control)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        do {
            try await services.run()
        } catch {
            throw error as? AgentError ?? AgentError(.internalError, "\(error)", underlying: error)
        }
    }
}

package struct EnrolOptions: Sendable {
    package var stateDirectory: String
    package var servers: [ServerAddress]
    package var tokenText: String
    package var pins: [Fingerprint]
    package var proxy: ProxyAddress?
    /// Where shutdown notices go; nil: where the server says.
    package var noticePort: UInt16?

    package init(
        stateDirectory: String, servers: [ServerAddress], tokenText: String, pins: [Fingerprint], proxy: ProxyAddress? = nil
    ) {
        self.stateDirectory = stateDirectory
        self.servers = servers
        self.tokenText = tokenText
        self.pins = pins
        self.proxy = proxy
    }
}

package struct EnrolReport: Sendable {
    package var device: DeviceID
    package var server: ServerAddress
}
