import Glibc
package import MusterModel

/// A connection file that waits in the state directory, root's alone, for the agent to take it: the package's script or
/// `muster-agent enrol` puts it there. It holds a secret and goes when it was used.
package struct PendingConnection: Hashable, Sendable {
    package let path: String
    private let directory: StateDirectory

    package init(_ directory: StateDirectory) {
        self.directory = directory
        path = directory.path + "/connection.json"
    }

    var isThere: Bool { access(path, F_OK) == 0 }

    /// Nil when none waits.
    /// - Throws: `connectionFileInvalid` when it is damaged; `stateUnavailable` when it is not the agent's own file.
    package func file() throws(AgentError) -> ConnectionFile? {
        guard try StateDirectory.checkFile(path) != nil else { return nil }
        return try ConnectionFile.read(path)
    }

    /// Puts one there, whole or not at all, in the place of another.
    package func put(_ bytes: [UInt8]) throws(AgentError) {
        let new = path + ".new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(.stateUnavailable, "cannot make \(new)", errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = SystemCall.retrying { rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
            guard count > 0 else { throw .system(.storageFailed, "cannot write \(new)", errno) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(new, path) == 0 else {
            throw .system(.storageFailed, "cannot put \(path) in its place", errno)
        }
    }

    package func remove() { unlink(path) }

    /// Out of the way, for people to look at: it would be refused at each start.
    func setAside() { rename(path, directory.path + "/connection.refused") }
}
