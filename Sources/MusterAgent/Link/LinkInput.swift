import MusterModel
import MusterWire

/// What the task that owns the connection hears.
enum LinkInput: Sendable {
    /// From the server, on connection number `connection`.
    case frame(Muster_V1_Frame, connection: Int)
    case closed(LinkFailure, connection: Int)
    /// Events were written to the spool.
    case eventsAppended
    /// Reported documents changed on the device.
    case documentsChanged
    /// A run has ended, and what its programs said is there.
    case outputAppended(RunID)
    /// How far runs of tasks are has changed: told in a session that is open.
    case progressed
    /// Asked for on the device: answered when a synchronization has ended.
    case synchronize(SyncWaiter)
    /// Everything was looked at anew, as an action asked for.
    case collected
    /// The server answered over the connection settings that are on trial: connect over them now.
    case trialSucceeded(ConnectionSettings)
    /// The device woke up, or has another address.
    case moved
    /// The server asks for a connection, by a datagram that was checked. Its counter is on the disk.
    case connectionRequested(isOneOfMany: Bool)
    case stop

    typealias SyncWaiter = CheckedContinuation<Result<SyncReport, AgentError>, Never>

    /// News that make the news before them superfluous.
    static func merge(_ last: LinkInput, _ new: LinkInput) -> LinkInput? {
        switch (last, new) {
        case (.eventsAppended, .eventsAppended), (.documentsChanged, .documentsChanged),
            (.collected, .collected), (.progressed, .progressed), (.connectionRequested, .connectionRequested):
            new
        default: nil
        }
    }
}
