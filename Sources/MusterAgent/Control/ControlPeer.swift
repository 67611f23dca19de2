import Glibc
import NIOCore

/// Who is at the other end of the control socket, as the kernel recorded it at `connect` (SO_PEERCRED).
struct ControlPeer: Hashable, Sendable {
    /// Laid out as `struct ucred` of <sys/socket.h>, which Glibc's module hides behind _GNU_SOURCE.
    private struct Credentials: Sendable {
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
    }

    var process: Int32
    var user: UInt32

    init(process: Int32, user: UInt32) {
        self.process = process
        self.user = user
    }

    init(of channel: any Channel) async throws(AgentError) {
        do {
            guard let provider = channel as? any SocketOptionProvider else {
                throw AgentError(.internalError, "a control connection is not a socket")
            }
            let found: Credentials = try await provider.unsafeGetSocketOption(
                level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            ).get()
            self.init(process: found.process, user: found.user)
        } catch {
            throw AgentError(.controlRefused, "the caller's user could not be found out", underlying: error)
        }
    }

    /// Root and the agent's own user may use the socket: whoever is one of them can read the state anyway.
    func isAllowed(agentUser: UInt32) -> Bool { user == 0 || user == agentUser }
}
