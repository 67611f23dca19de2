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
        let state = AgentState(database)
        if let identity = try state.identity() {
            throw AgentError(
                .alreadyEnrolled,
                "this device is enrolled as \(identity.device); to enrol it anew move \(options.stateDirectory) away first")
        }
        let token: EnrolmentTokenText
        do { token = try EnrolmentTokenText(options.tokenText) } catch { throw AgentError(.connectionFailed, error.reason) }
        let key = try pendingKey(in: state)
        return try await Enroller(options: options, token: token, key: key, state: state).run()
    }

    private static func pendingKey(in state: AgentState) throws(AgentError) -> PrivateKey {
        if let pem = try state.pendingKeyPEM() {
            do { return try PrivateKey(pem: pem) } catch { throw AgentError(.stateDamaged, "the saved key: \(error.reason)") }
        }
        let key = PrivateKey.generate()
        try state.savePendingKey(key.pem)
        return key
    }

    /// Runs until SIGTERM or SIGINT.
    package static func run(stateDirectory: String, logger: Logger) async throws(AgentError) {
        let directory = try StateDirectory(stateDirectory, creating: false)
        let lock = try StateLock(directory, patience: .seconds(2))
        let database = try AgentDatabase(directory, mode: .existing)
        let state = AgentState(database)
        guard try state.identity() != nil else {
            throw AgentError(.notEnrolled, "this device is not enrolled (muster-agent enrol …)")
        }
        let agent = AgentService(storage: AgentStorage(state: state, spool: Spool(database)), logger: logger)
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
