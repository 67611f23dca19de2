import Logging
import MusterModel

/// Keeps the agent's UDP port open in the device's firewall when the settings say so, and takes away what it opened when they do not any more.
/// Without the setting it only looks, so that `check` can say what is missing.
struct DeviceFirewall: Sendable {
    let kinds: [any FirewallKind]
    let logger: Logger

    /// In the order they are looked for: ufw and firewalld make rules of nftables.
    init(program: SystemProgram = SystemProgram(), logger: Logger) {
        kinds = [UFW(program: program), Firewalld(program: program), Nftables(program: program)]
        self.logger = logger
    }

    /// What is opened is on the disk before it is, so that it is taken away also after a crash.
    func settle(board: RequestBoard, storage: AgentStorage) async {
        let settings = board.report.listens ? try? await storage.run { state, _ in try state.requestSettings() } : nil
        let port = board.udpPort
        var opened = (try? await storage.run { state, _ in try state.openedPort() }) ?? nil
        let wanted = settings?.opensFirewall == true && port != 0 ? port : nil
        let current = await inForce()
        var state = FirewallState()
        state.kind = current?.kind ?? .none
        state.isManaged = settings?.opensFirewall ?? false
        if let old = opened, old.port != wanted || old.kind != state.kind {
            state.detail = await close(old, storage)
            if state.detail == nil { opened = nil }
        }
        if port != 0 {
            if let wanted, let current, await current.isOpen(wanted) == false {
                state.detail = await open(OpenedPort(kind: current.kind, port: wanted), current, storage) ?? state.detail
                opened = (try? await storage.run { state, _ in try state.openedPort() }) ?? nil
            }
            state.standing = await standing(port, current)
        }
        state.isOpenedByAgent = opened != nil && opened?.port == port
        board.firewall(state)
    }

    private func inForce() async -> (any FirewallKind)? {
        for kind in kinds { if await kind.isInForce() { return kind } }
        return nil
    }

    private func standing(_ port: UInt16, _ current: (any FirewallKind)?) async -> FirewallState.Standing {
        guard let current else { return .open }
        switch await current.isOpen(port) {
        case true?: return .open
        case false?: return .closed
        case nil: return .unknown
        }
    }

    private func open(_ port: OpenedPort, _ kind: any FirewallKind, _ storage: AgentStorage) async -> String? {
        guard (try? await storage.run { state, _ in try state.saveOpenedPort(port) }) != nil else {
            return "the firewall was not opened: the agent cannot write down that it did"
        }
        let failure = await kind.open(port.port)
        log("firewall.opened", port, failure)
        return failure
    }

    private func close(_ port: OpenedPort, _ storage: AgentStorage) async -> String? {
        guard let kind = kinds.first(where: { $0.kind == port.kind }) else { return nil }
        // One that is not in force any more may keep its rules in a file; one whose program is gone keeps nothing.
        let failure = await kind.close(port.port)
        log("firewall.closed", port, failure)
        if failure == nil { _ = try? await storage.run { state, _ in try state.saveOpenedPort(nil) } }
        return failure
    }

    private func log(_ message: Logger.Message, _ port: OpenedPort, _ failure: String?) {
        var metadata: Logger.Metadata = ["firewall": "\(port.kind.rawValue)", "port": "\(port.port)"]
        if let failure { metadata["error"] = "\(failure)" }
        logger.log(level: failure == nil ? .info : .warning, message, metadata: metadata)
    }
}

extension AgentState {
    /// What the agent let through a firewall and has not taken away yet.
    func openedPort() throws(AgentError) -> OpenedPort? {
        try database.read { (connection) throws(AgentError) in
            try connection.value(.openedPort)?.text.flatMap { OpenedPort($0) }
        }
    }

    func saveOpenedPort(_ port: OpenedPort?) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.setValue(.openedPort, port.map { .text($0.description) })
        }
    }
}
