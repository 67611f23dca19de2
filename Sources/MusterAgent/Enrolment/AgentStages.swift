import MusterModel
import ServiceLifecycle
import Synchronization

/// The running agent in its two stages, under one control socket and one set of signals: not enrolled yet, where a connection file waits, and
/// then enrolled.
final class AgentStages: Service, ControlHandler {
    private let pending: PendingAgent?
    private let agent: AgentService
    private let storage: AgentStorage
    private let current: Mutex<any ControlHandler>

    /// - Parameter pending: nil for a device that is enrolled.
    init(pending: PendingAgent?, agent: AgentService, storage: AgentStorage) {
        self.pending = pending
        self.agent = agent
        self.storage = storage
        current = Mutex(pending ?? agent)
    }

    func run() async throws {
        if let pending {
            await pending.run()
            guard !pending.isStopped else { return await storage.close() }
            current.withLock { $0 = agent }
        }
        try await agent.run()
    }

    private var handler: any ControlHandler { current.withLock { $0 } }

    func synchronize() async throws(AgentError) -> SyncReport { try await handler.synchronize() }
    func status() async throws(AgentError) -> StatusReport { try await handler.status() }
    func check() async throws(AgentError) -> CheckReport { try await handler.check() }
    func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport { try await handler.raise(event) }
    func suspend() async throws(AgentError) { try await handler.suspend() }
    func resume() async throws(AgentError) { try await handler.resume() }
    func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport { try await handler.takeConnectionFile() }
}
