import MusterModel
import Synchronization

/// Whether the agent is connected just now, and to which server: written by the link, read by whoever asks for the status.
final class LinkStanding: Sendable {
    struct Connection: Hashable, Sendable {
        var server: ServerAddress
        /// By the device's clock.
        var since: Timestamp
    }

    private let state = Mutex<Connection?>(nil)

    var connection: Connection? { state.withLock { $0 } }

    func connected(to server: ServerAddress, at time: Timestamp) {
        state.withLock { $0 = Connection(server: server, since: time) }
    }

    func ended() { state.withLock { $0 = nil } }
}
