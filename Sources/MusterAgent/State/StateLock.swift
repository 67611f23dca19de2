import Glibc

/// The right to work on a state directory: an advisory lock on its file `lock`, given back when this value goes, or when the
/// process ends in whatever way. The file itself stays; its text is the holder's process id, for people.
package final class StateLock: Sendable {
    private let descriptor: Int32

    /// - Parameter patience: how long to wait for another holder. `status` holds the lock for some milliseconds while no agent runs, so
    ///   a starting agent waits a little before it says that another one runs.
    package init(_ directory: StateDirectory, patience: Duration = .zero) throws(AgentError) {
        let path = directory.lockPath
        let opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .system(.stateUnavailable, "cannot open \(path)", errno) }
        let deadline = ContinuousClock.now + patience
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            if number == EWOULDBLOCK, ContinuousClock.now < deadline {
                usleep(50_000)
                continue
            }
            let holder = SystemCall.line(of: path).map { " (process \($0))" } ?? ""
            close(opened)
            guard number == EWOULDBLOCK else { throw .system(.stateUnavailable, "cannot lock \(path)", number) }
            throw AgentError(.alreadyRunning, "an agent is already running on \(directory.path)\(holder)")
        }
        descriptor = opened
        let text = Array("\(getpid())\n".utf8)
        // For people only: nothing depends on it, so a full disk does not matter here.
        if ftruncate(descriptor, 0) == 0 { _ = write(descriptor, text, text.count) }
    }

    deinit { close(descriptor) }
}
