import NIOPosix

/// The agent's database for those who await: each call runs on one thread of its own, in order, never on an event loop.
struct AgentStorage: Sendable {
    let state: AgentState
    let spool: Spool
    private let pool: NIOThreadPool

    init(state: AgentState, spool: Spool) {
        self.state = state
        self.spool = spool
        pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (AgentState, Spool) throws -> Value) async throws(AgentError) -> Value {
        let (state, spool) = (state, spool)
        do {
            return try await pool.runIfActive { try body(state, spool) }
        } catch {
            throw error as? AgentError ?? AgentError(.internalError, "\(error)", underlying: error)
        }
    }

    func close() async { try? await pool.shutdownGracefully() }
}
