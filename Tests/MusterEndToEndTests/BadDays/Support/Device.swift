import MusterTestKit

/// An enrolled agent with a program that raises events on it.
struct Device {
    let agent: TestAgent
    let source: EventSource

    /// Enrols it; does not start it.
    init(at server: TestServer, stateDirectory: String? = nil) async throws {
        agent = try TestAgent(stateDirectory: stateDirectory, server: server)
        try await agent.enrol()
        source = EventSource(agent)
    }

    /// Synchronizes, until it succeeds.
    func synchronize(within bound: Duration = .seconds(180)) async throws {
        do {
            try await eventually("a synchronization succeeds", within: bound) {
                try await agent.sync()
                return true
            }
        } catch {
            throw FixtureError(description: "\(error); the agent's log: \(agent.log.suffix(6000))")
        }
    }

    /// A member of what `status` says of the spool.
    func spool(_ member: String) async throws -> Int {
        let spool = try await agent.status()["spool"] as? [String: Any]
        guard let value = spool?[member] as? Int else { throw FixtureError(description: "no \(member) in the spool's status") }
        return value
    }
}
