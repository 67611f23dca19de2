package import MusterModel

/// The running agent, as seen from its control socket.
///
/// Calls come from tasks of the socket's connections, at most `ControlLimits.connections` at a time, never from an event loop.
/// Each heeds cancellation: a request's time limit cancels it and then waits for it.
package protocol ControlHandler: Sendable {
    /// Synchronizes now, or joins the synchronization under way; returns when it is complete.
    func synchronize() async throws(AgentError) -> SyncReport
    func status() async throws(AgentError) -> StatusReport
    /// Walks the way to the server, synchronization included; what is wrong is in the report.
    func check() async throws(AgentError) -> CheckReport
    /// Returns when the event is durable.
    func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport
    /// Takes the connection file that waits in the state directory, and connects by it.
    func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport
    /// The device goes to sleep as soon as this returns: within 4 s.
    func suspend() async throws(AgentError)
    /// It woke up: connects at once.
    func resume() async throws(AgentError)
}

/// How much the control socket takes.
package struct ControlLimits: Hashable, Sendable {
    /// Of a request: an event of 8 KiB, its texts escaped in JSON at worst sixfold (`\u0000`), is 48 KiB.
    package var lineBytes = 64 * 1024
    /// At a time; each may hold two lines: 16 × 2 × 64 KiB = 2 MiB at most.
    package var connections = 16
    /// For one request to arrive, and again for its answer.
    package var requestTime: Duration = .seconds(120)

    package static let standard = ControlLimits()

    package init() {}
}
