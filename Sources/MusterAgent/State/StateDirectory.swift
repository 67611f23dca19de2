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
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .system(.stateUnavailable, "cannot look at the state directory \(path)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw AgentError(.stateUnavailable, "\(path) is not a directory") }
        guard status.st_uid == geteuid() else {
            throw AgentError(
                .stateUnavailable,
                "the state directory \(path) belongs to user \(status.st_uid), and this program runs as user \(geteuid())")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw AgentError(
                .stateUnavailable, "others may write to the state directory \(path): chmod 0700 it after checking what is in it")
        }
        if status.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 {
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
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw .system(.stateUnavailable, "cannot look at \(path)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .damaged(path, "not a plain file") }
        guard status.st_uid == geteuid() else {
            throw AgentError(
                .stateUnavailable, "\(path) belongs to user \(status.st_uid), and this program runs as user \(geteuid())")
        }
        if status.st_mode & 0o077 != 0, chmod(path, 0o600) != 0 {
            throw .system(.stateUnavailable, "cannot close \(path) to others", errno)
        }
        return Int64(status.st_size)
    }
}
