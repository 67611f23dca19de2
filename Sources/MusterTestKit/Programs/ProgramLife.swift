import Foundation
import Glibc
import Synchronization

/// A process from its start to its end. One thread starts it and waits for it; that thread's end, with the tests', is the process's too.
final class ProgramLife: Sendable {
    private enum State {
        /// The thread is starting it. Can go to: running, failed.
        case starting
        /// Can go to: ended.
        case running(pid_t)
        /// Its exit code, or 128 and the number of the signal that ended it, as shells have it.
        case ended(pid_t, Int32)
        case failed(any Error)
    }

    private let state = Mutex(State.starting)
    private let started = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    static func begin(_ order: ProgramOrder) throws -> (life: ProgramLife, pid: pid_t) {
        let life = ProgramLife()
        Thread.detachNewThread { life.run(order) }
        life.started.wait()
        return (life, try life.pid())
    }

    /// Nil while it runs.
    var exitStatus: Int32? {
        state.withLock { state in
            if case .ended(_, let status) = state { status } else { nil }
        }
    }

    /// To its whole group; nothing when it has ended: its number may be another's then.
    func signal(_ signal: Int32) {
        state.withLock { state in
            if case .running(let pid) = state { Glibc.kill(-pid, signal) }
        }
    }

    /// Ends it and waits until it is gone, so that nothing writes into directories that are being removed. Takes a millisecond.
    func end() {
        signal(SIGKILL)
        guard exitStatus == nil else { return }
        _ = ended.wait(timeout: .now() + 5)
    }

    private func run(_ order: ProgramOrder) {
        let pid: pid_t
        do {
            pid = try ProgramSpawn.start(order)
            state.withLock { $0 = .running(pid) }
            started.signal()
        } catch {
            state.withLock { $0 = .failed(error) }
            started.signal()
            return
        }
        // Looks without taking first: until it is taken, under the lock, its number stays its own.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7f
            state = .ended(pid, signal == 0 ? (status >> 8) & 0xff : 128 + signal)
        }
        ended.signal()
    }

    private func pid() throws -> pid_t {
        try state.withLock { state in
            switch state {
            case .running(let pid), .ended(let pid, _): return pid
            case .failed(let error): throw error
            case .starting: throw FixtureError(description: "the program was not started")
            }
        }
    }
}
