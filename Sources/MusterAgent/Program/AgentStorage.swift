import NIOPosix

/// The agent's database for those who await: each call runs on one thread of its own, in order, never on an event loop.
struct AgentStorage: Sendable {
    let state: AgentState
    let spool: Spool
    /// Where its files are.
    var directory: String {
        let path = state.database.path
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
    private let pool: NIOThreadPool
    private let between: @Sendable () -> Void

    /// - Parameter between: called on the storage's thread before and after each call, when nothing is half written: tests keep the disk
    ///   as a crash at that moment would leave it.
    init(state: AgentState, spool: Spool, between: @escaping @Sendable () -> Void = {}) {
        self.state = state
        self.spool = spool
        self.between = between
        pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (AgentState, Spool) throws -> Value) async throws(AgentError) -> Value {
        let (state, spool, between) = (state, spool, between)
        do {
            return try await pool.runIfActive {
                between()
                defer { between() }
                return try body(state, spool)
            }
        } catch {
            throw error as? AgentError ?? AgentError(.internalError, "\(error)", underlying: error)
        }
    }

    func close() async { try? await pool.shutdownGracefully() }
}
