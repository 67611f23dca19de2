import Glibc
import Logging
package import MusterModel

/// Connection files: what `muster-agent enrol --connection-file` and a starting agent do with one.
extension AgentProgram {
    /// Enrols by a connection file; a device that is enrolled takes its addresses, unless it is to enrol anew. With a running agent the
    /// agent does it, and is connected when this returns.
    /// - Returns: what became of it, and whether it was the running agent that took it.
    package static func take(
        connectionFile path: String, stateDirectory: String, isReplacing: Bool
    ) async throws(AgentError) -> (report: ConnectionFileReport, isRunning: Bool) {
        let file = try ConnectionFile.read(path)
        let directory = try StateDirectory(stateDirectory, creating: true)
        let lock: StateLock
        do {
            lock = try StateLock(directory, patience: .milliseconds(500))
        } catch  where error.code == .alreadyRunning {
            guard !isReplacing else {
                throw AgentError(.alreadyRunning, "\(error.reason): stop it first (systemctl stop muster-agent)")
            }
            try PendingConnection(directory).put(SystemCall.contents(of: path, limit: ConnectionFile.maximumBytes) ?? [])
            return (try await ControlClient(stateDirectory: stateDirectory).takeConnectionFile(), true)
        }
        defer { withExtendedLifetime(lock) {} }
        let state = AgentState(try AgentDatabase(directory, mode: .creating))
        if !isReplacing, let identity = try state.identity() {
            try state.take(file)
            let first = file.servers.first?.description ?? ""
            return (ConnectionFileReport(device: identity.device, server: first, isNew: false), false)
        }
        let report = try await enrol(
            EnrolOptions(stateDirectory: stateDirectory, file: file), in: state, isReplacing: isReplacing)
        PendingConnection(directory).remove()
        return (ConnectionFileReport(device: report.device, server: report.server.description, isNew: true), false)
    }

    /// Takes the connection file that waits, at start. What is wrong with it is said and put aside: the device goes on as it is.
    static func take(_ pending: PendingConnection, into state: AgentState, logger: Logger) throws(AgentError) {
        do {
            guard let file = try pending.file() else { return }
            try state.take(file)
            pending.remove()
            logger.notice("connection.taken", metadata: ["package": "\(file.package)", "servers": "\(file.servers)"])
        } catch  where error.code == .connectionFileInvalid || error.code == .otherServer {
            logger.error("connection.refused", metadata: ["error": "\(error)"])
            pending.setAside()
        }
    }
}

extension EnrolOptions {
    package init(stateDirectory: String, file: ConnectionFile) {
        self.init(
            stateDirectory: stateDirectory, servers: file.servers, tokenText: file.token, pins: file.pins, proxy: file.proxy)
        noticePort = file.udpPort
    }
}
