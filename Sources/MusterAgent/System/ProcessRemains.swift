import Glibc

/// What runs of a program and of all it started: processes of its session and group, and those that went away from there but still carry its
/// mark in their environment. One that forks away and empties its environment as well is found by nobody but the unit it runs in.
struct ProcessRemains: Sendable {
    /// Of an environment that is searched; the mark stands at its beginning unless a program has put it elsewhere.
    private static let longestEnvironment = 256 * 1024

    let leader: pid_t
    /// `NAME=value`, of this program alone.
    let mark: String

    /// Those that still run. Looks at every process of the device: a millisecond for some fifty.
    func find() -> [pid_t] {
        let own = getpid()
        return (SystemCall.names(in: "/proc") ?? []).compactMap { pid_t($0) }.filter { $0 != own && isOne($0) }
    }

    func signal(_ signal: Int32, to pids: [pid_t]) { for pid in pids { kill(pid, signal) } }

    private func isOne(_ pid: pid_t) -> Bool {
        guard let state = ProcessState(of: pid), state.isRunning else { return false }
        return state.group == leader || state.session == leader || isMarked(pid)
    }

    private func isMarked(_ pid: pid_t) -> Bool {
        guard let environment = SystemCall.contents(of: "/proc/\(pid)/environ", limit: Self.longestEnvironment) else {
            return false
        }
        return environment.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
    }
}

/// What `/proc/PID/stat` says of a process.
private struct ProcessState {
    let isRunning: Bool
    let group: pid_t
    let session: pid_t

    /// Nil for one that is gone.
    init?(of pid: pid_t) {
        guard let line = SystemCall.contents(of: "/proc/\(pid)/stat", limit: 4096),
            // Its name may hold anything, parentheses too: state, parent, group and session come after the last.
            let name = line.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let words = line[(name + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 4)
        guard words.count >= 4, let group = pid_t(String(decoding: words[2], as: UTF8.self)),
            let session = pid_t(String(decoding: words[3], as: UTF8.self))
        else { return nil }
        isRunning = !"ZX".utf8.contains(words[0].first ?? 0)
        self.group = group
        self.session = session
    }
}
