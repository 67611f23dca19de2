import CProcess
import Glibc

/// A program of a task from its start to its end, on the one thread that waits for it.
final class ProgramCourse {
    /// A pipe as large as a user may have one, and a quarter of it at a time: 1 GiB goes through in about a second.
    private static let pipeBytes: Int32 = 1 << 20
    private static let bufferBytes = 256 * 1024
    /// How often it is looked after while nothing is said, ms.
    private static let period: Int64 = 50
    /// After its end: who writes for it, as a `tee` it started, says its last words as long.
    private static let lastWords = Duration.milliseconds(500)
    /// After SIGKILL; one that waits for a dead disk does not even end then.
    private static let patience = Duration.seconds(5)

    private let program: TaskProgram
    private let child: ChildProcess
    private let remains: ProcessRemains
    private let output: ProcessPipe
    private let status: ProcessPipe?
    private let shown: ProgramRunner.Sink
    private var lines: LineCollector
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 16)

    init(
        _ program: TaskProgram, _ child: ChildProcess, mark: String, output: ProcessPipe, status: ProcessPipe?,
        shown: @escaping ProgramRunner.Sink
    ) {
        self.program = program
        self.child = child
        self.output = output
        self.status = status
        self.shown = shown
        lines = LineCollector(maximumBytes: program.longestStatus)
        remains = ProcessRemains(leader: child.pid, mark: mark)
        output.closeWriting()
        status?.closeWriting()
        muster_pipe_set_size(output.reading, Self.pipeBytes)
    }

    deinit { buffer.deallocate() }

    // Time in which the device slept is nobody's.
    func wait(limit: Duration?, grace: Duration, _ call: ProgramCall) -> TaskProgram.End {
        let deadline = limit.map { SuspendingClock.now + $0 }
        var early: TaskProgram.End?
        while !child.hasEnded, early == nil {
            pump()
            if call.isCancelled { early = .cancelled } else if let deadline, deadline <= .now { early = .timedOut }
        }
        if early == nil { hearLastWords() }
        if early != nil || !program.mayLeaveBehind { endAll(grace: grace) }
        // A line without an end.
        if let line = lines.rest() { program.status?(line) }
        let status = child.reap()
        return early ?? .exited(status ?? 255)
    }

    private func hearLastWords() {
        let until = SuspendingClock.now + Self.lastWords
        while !isSilent, SuspendingClock.now < until { pump() }
    }

    private func endAll(grace: Duration) {
        let asked = SuspendingClock.now
        var hasAsked = false
        while SuspendingClock.now < asked + grace + Self.patience {
            let pids = remains.find()
            if pids.isEmpty { return }
            let isPatient = SuspendingClock.now < asked + grace
            if !isPatient || !hasAsked { remains.signal(isPatient ? SIGTERM : SIGKILL, to: pids) }
            hasAsked = true
            pump()
        }
    }

    // MARK: What it says

    private var isSilent: Bool { output.isEnded && status?.isEnded ?? true }

    /// Reads what is there, or waits a moment for it.
    private func pump() {
        var polls = [output.interest, status?.interest ?? pollfd(fd: -1, events: 0, revents: 0)]
        guard poll(&polls, nfds_t(polls.count), Int32(Self.period)) > 0 else { return }
        if polls[0].revents != 0 { said(output.read(into: buffer)) }
        if let status, polls[1].revents != 0 { lines.add(status.read(into: buffer)).forEach { program.status?($0) } }
    }

    private func said(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        if program.isShown { shown(bytes) }
        program.hears?(Array(bytes))
    }
}
