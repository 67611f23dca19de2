import MusterModel
import Synchronization

/// What came of one of several server addresses when the agent tried them last.
package struct ServerAttempt: Codable, Hashable, Sendable {
    /// `HOST:PORT`.
    package var server: String
    /// The code of a `CloseReason`.
    package var reason: String
    /// English; may be empty.
    package var text: String
}

/// The addresses tried in one round, and what was wrong with each: written by whoever connects, read by whoever asks for the status. At most
/// as many as there are addresses.
final class AttemptLog: Sendable {
    fileprivate struct State {
        var attempts: [ServerAttempt] = []
        /// Where TLS is up: what fails from then on is this one's.
        var reached: ServerAddress?
    }

    private let state = Mutex(State())

    var attempts: [ServerAttempt] { state.withLock { $0.attempts } }

    /// A round begins: what was before is forgotten.
    func began() { state.withLock { $0 = State() } }

    func failed(_ failure: LinkFailure, at server: ServerAddress) { state.withLock { $0.append(failure, server) } }

    func reached(_ server: ServerAddress) { state.withLock { $0.reached = server } }

    /// What was begun where it was reached did not come to its end.
    func failed(_ failure: LinkFailure) {
        state.withLock { state in
            guard let server = state.reached else { return }
            state.reached = nil
            state.append(failure, server)
        }
    }
}

extension AttemptLog.State {
    fileprivate mutating func append(_ failure: LinkFailure, _ server: ServerAddress) {
        attempts.append(ServerAttempt(server: server.description, reason: failure.reason.code, text: failure.text))
    }
}
