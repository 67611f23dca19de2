import Glibc

/// A process that was started here, until it is reaped: its id is nobody else's as long.
struct ChildProcess: Hashable, Sendable {
    /// Also of its group, and of its session where it has one of its own.
    let pid: pid_t

    /// It may still have to be reaped.
    var hasEnded: Bool {
        var info = siginfo_t()
        // Nothing changed: all of it stays zero. Not ours any more: nothing to wait for.
        let result = SystemCall.retrying { waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) }
        return result != 0 || info.si_signo == SIGCHLD
    }

    /// - Returns: its exit status, 128 and more: a signal. Nil: it has not ended.
    func reap() -> Int32? { wait(WNOHANG) }

    /// Ends it and all of its group, at once.
    func kill() {
        Glibc.kill(-pid, SIGKILL)
        _ = wait(0)
    }

    private func wait(_ options: Int32) -> Int32? {
        var status: Int32 = 0
        guard SystemCall.retrying({ waitpid(pid, &status, options) }) == pid else { return nil }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}
