import Glibc

/// The agent's state directory: who owns it, who may look into it, and the one agent that runs on it.
///
/// It must belong to the user the agent runs as (root, in service) and be closed to everybody else (0700): with that nobody
/// else can place a symbolic link in it. Files inside are made with `O_EXCL | O_NOFOLLOW` and 0600 all the same.
package struct StateDirectory: Hashable, Sendable {
    /// Where it is unless `--state-dir` says otherwise.
    package static let standardPath = "/var/lib/muster-agent"

    /// Without symbolic links.
    package let path: String

    package var databasePath: String { path + "/agent.db" }
    package var socketPath: String { path + "/agent.sock" }
    var lockPath: String { path + "/lock" }

    /// Checks the directory.
    /// - Parameter creating: makes it (0700) when it does not exist; its parent must.
    package init(_ path: String, creating: Bool = false) throws(AgentError) {
        if creating, mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .system(.stateUnavailable, "cannot make the state directory \(path)", errno)
        }
        guard let real = SystemCall.realPath(path) else {
            let number = errno
            guard number == ENOENT else { throw .system(.stateUnavailable, "cannot use the state directory \(path)", number) }
            throw AgentError(
                .notEnrolled, "there is no state directory \(path): this device is not enrolled (muster-agent enrol …)")
        }
        try Self.check(real)
        self.path = real
    }

    private static func check(_ path: String) throws(AgentError) {
        let status: FileStatus
        do {
            status = try FileStatus(path)
        } catch {
            throw .system(.stateUnavailable, "cannot look at the state directory \(path)", error.number)
        }
        guard status.kind == .directory else { throw AgentError(.stateUnsuitable, "\(path) is not a directory") }
        guard status.owner == geteuid() else {
            throw AgentError(
                .stateUnavailable,
                "the state directory \(path) belongs to user \(status.owner), and this program runs as user \(geteuid())")
        }
        guard status.permissions & 0o022 == 0 else {
            throw AgentError(
                .stateUnsuitable, "others may write to the state directory \(path): chmod 0700 it after checking what is in it")
        }
        if status.permissions & 0o077 != 0, chmod(path, 0o700) != 0 {
            throw .system(.stateUnavailable, "cannot close the state directory \(path) to others", errno)
        }
    }

    /// Makes an empty file, 0600, unless there is one.
    static func createFile(_ path: String) throws(AgentError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw .system(.stateUnavailable, "cannot make \(path)", errno)
        }
        close(descriptor)
    }

    /// A plain file of ours, closed to others. Never opens it: closing any descriptor of a database drops SQLite's locks on it.
    /// - Returns: its size; nil when there is none.
    static func checkFile(_ path: String) throws(AgentError) -> Int64? {
        let status: FileStatus
        do {
            status = try FileStatus(path)
        } catch {
            if error.number == ENOENT { return nil }
            throw .system(.stateUnavailable, "cannot look at \(path)", error.number)
        }
        guard status.kind == .file else { throw .damaged(path, "not a plain file") }
        guard status.owner == geteuid() else {
            throw AgentError(
                .stateUnavailable, "\(path) belongs to user \(status.owner), and this program runs as user \(geteuid())")
        }
        if status.permissions & 0o077 != 0, chmod(path, 0o600) != 0 {
            throw .system(.stateUnavailable, "cannot close \(path) to others", errno)
        }
        return status.size
    }
}
