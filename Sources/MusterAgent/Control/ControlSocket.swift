import Glibc
import Synchronization

/// The listening Unix socket `agent.sock` of a state directory, until NIO takes it over.
///
/// Closed to others from the first moment: on Linux `bind` gives the new file the mode of the unbound socket, which is set before
/// (0600 less the umask, which is never changed: it belongs to the whole process). A file a dead agent left is replaced; the lock says it is dead.
final class ControlSocket: Sendable {
    let path: String
    /// Held as long as the socket file is ours.
    private let lock: StateLock
    /// Nil once taken.
    private let descriptor: Mutex<Int32?>

    /// Connections that come before anybody accepts wait: `backlog` of them.
    init(_ directory: StateDirectory, holding lock: StateLock, backlog: Int32 = 16) throws(AgentError) {
        let path = directory.socketPath
        var address = try Self.address(path)
        try Self.removeStale(path)
        let opened = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard opened >= 0 else { throw .system(.stateUnavailable, "cannot make the control socket", errno) }
        let isBound =
            fchmod(opened, 0o600) == 0
            && withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(opened, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            } == 0
        guard isBound, listen(opened, backlog) == 0 else {
            let number = errno
            close(opened)
            throw .system(.stateUnavailable, "cannot listen on \(path)", number)
        }
        self.path = path
        self.lock = lock
        descriptor = Mutex(opened)
    }

    deinit {
        if let left = descriptor.withLock({ $0 }) { close(left) }
        unlink(path)
    }

    /// The descriptor, once: the caller closes it.
    func take() -> Int32? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }

    /// - Throws: `stateUnavailable` for a path past 107 bytes, all that `sun_path` holds with its final zero.
    private static func address(_ path: String) throws(AgentError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard bytes.count <= room else {
            throw AgentError(
                .stateUnavailable,
                "\(path) is too long for a socket: choose a state directory of at most \(room - "/agent.sock".utf8.count) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    private static func removeStale(_ path: String) throws(AgentError) {
        let status: FileStatus
        do {
            status = try FileStatus(path)
        } catch {
            if error.number == ENOENT { return }
            throw .system(.stateUnavailable, "cannot look at \(path)", error.number)
        }
        guard status.kind == .socket else {
            throw AgentError(.stateUnavailable, "\(path) is in the way of the control socket: move it away")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(.stateUnavailable, "cannot replace \(path)", errno)
        }
    }
}
