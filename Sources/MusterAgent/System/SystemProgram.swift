import Glibc
import MusterModel
import NIOPosix
import Synchronization

/// Runs one of the system's programs to its end, without a shell: a fixed place, a time limit, a bound on what it may say.
struct SystemProgram: Sendable {
    struct Output: Hashable, Sendable {
        /// Its exit status; 128 and more: a signal.
        var status: Int32
        /// The first 4 MiB.
        var text: String
        var error: String

        var isSuccess: Bool { status == 0 }
    }

    /// A ruleset of 20,000 rules as JSON.
    private static let longestOutput = 4 * 1024 * 1024
    static let standardDirectories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// What it is run under, with a path; tests run it in a network of their own.
    var prefix: [String] = []
    var directories = Self.standardDirectories

    func isThere(_ name: String) -> Bool { path(of: name) != nil }

    /// - Returns: nil when it is not there, did not start, or had not ended in time or before the task was cancelled; it is ended then.
    func run(_ name: String, _ arguments: [String], within time: Duration = .seconds(10)) async -> Output? {
        guard let path = path(of: name) else { return nil }
        let commandLine = prefix + [path] + arguments
        let call = ProgramCall()
        return await withTaskCancellationHandler {
            try? await NIOThreadPool.singleton.runIfActive { Self.run(commandLine, within: time, call) }
        } onCancel: {
            call.cancel()
        }
    }

    private func path(of name: String) -> String? {
        directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private static func run(_ commandLine: [String], within time: Duration, _ call: ProgramCall) -> Output? {
        guard let text = OutputPipe(), let error = OutputPipe(),
            let pid = start(commandLine, output: text.writing, error: error.writing)
        else { return nil }
        text.closeWriting()
        error.closeWriting()
        let deadline = ContinuousClock.now + time
        var isInTime = true
        while isInTime, !text.isEnded || !error.isEnded {
            var polls = [text, error].map { pollfd(fd: $0.isEnded ? -1 : $0.reading, events: Int16(POLLIN), revents: 0) }
            let left = ContinuousClock.now.duration(to: deadline).milliseconds
            isInTime = left > 0 && !call.isCancelled
            guard isInTime, poll(&polls, nfds_t(polls.count), Int32(min(left, ProgramCall.period))) > 0 else { continue }
            if polls[0].revents != 0 { text.read(limit: longestOutput) }
            if polls[1].revents != 0 { error.read(limit: 64 * 1024) }
        }
        return end(pid, before: deadline, call).map {
            Output(
                status: $0, text: String(decoding: text.bytes, as: UTF8.self), error: String(decoding: error.bytes, as: UTF8.self)
            )
        }
    }

    /// - Returns: its exit status; nil when it had to be ended.
    private static func end(_ pid: pid_t, before deadline: ContinuousClock.Instant, _ call: ProgramCall) -> Int32? {
        var status: Int32 = 0
        while ContinuousClock.now < deadline, !call.isCancelled {
            if SystemCall.retrying({ waitpid(pid, &status, WNOHANG) }) == pid {
                return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            }
            usleep(2000)
        }
        kill(-pid, SIGKILL)
        _ = SystemCall.retrying { waitpid(pid, &status, 0) }
        return nil
    }

    /// In a group of its own, with no descriptor of the agent's, no signal blocked or ignored, and the C locale.
    private static func start(_ commandLine: [String], output: Int32, error: Int32) -> pid_t? {
        var attributes = posix_spawnattr_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        for descriptor in SystemCall.names(in: "/proc/self/fd") ?? [] {
            if let descriptor = Int32(descriptor), descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
        let variables = ["PATH=\(standardDirectories.joined(separator: ":"))", "LC_ALL=C.UTF-8"]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var pid: pid_t = 0
        return posix_spawn(&pid, commandLine[0], &actions, &attributes, &arguments, &environment) == 0 ? pid : nil
    }
}

/// Whether anybody still waits for a program.
private final class ProgramCall: Sendable {
    /// How often it is asked, ms.
    static let period: Int64 = 100

    private let cancelled = Atomic(false)

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
}

/// What a program says, read by one thread.
private final class OutputPipe {
    let reading: Int32
    private(set) var writing: Int32
    private(set) var bytes: [UInt8] = []
    private(set) var isEnded = false

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        closeWriting()
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// Past the limit it is read and forgotten, so that the program comes to its end.
    func read(limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = SystemCall.retrying { Glibc.read(reading, &buffer, buffer.count) }
        guard count > 0 else {
            isEnded = true
            return
        }
        bytes += buffer[..<count].prefix(max(0, limit - bytes.count))
    }
}
