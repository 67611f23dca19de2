import Glibc
import MusterModel
import NIOPosix

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
        guard let text = ProcessPipe(), let error = ProcessPipe(),
            let child = try? start(commandLine, output: text.writing, error: error.writing).start()
        else { return nil }
        text.closeWriting()
        error.closeWriting()
        let deadline = ContinuousClock.now + time
        var isInTime = true
        var bytes: (text: [UInt8], error: [UInt8]) = ([], [])
        while isInTime, !text.isEnded || !error.isEnded {
            var polls = [text.interest, error.interest]
            let left = ContinuousClock.now.duration(to: deadline).milliseconds
            isInTime = left > 0 && !call.isCancelled
            guard isInTime, poll(&polls, nfds_t(polls.count), Int32(min(left, ProgramCall.period))) > 0 else { continue }
            if polls[0].revents != 0 { read(text, into: &bytes.text, limit: longestOutput) }
            if polls[1].revents != 0 { read(error, into: &bytes.error, limit: 64 * 1024) }
        }
        return end(child, before: deadline, call).map {
            Output(
                status: $0, text: String(decoding: bytes.text, as: UTF8.self),
                error: String(decoding: bytes.error, as: UTF8.self))
        }
    }

    /// Past the limit it is read and forgotten, so that the program comes to its end.
    private static func read(_ pipe: ProcessPipe, into bytes: inout [UInt8], limit: Int) {
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            bytes += pipe.read(into: buffer).prefix(max(0, limit - bytes.count))
        }
    }

    /// - Returns: its exit status; nil when it had to be ended.
    private static func end(
        _ child: ChildProcess, before deadline: ContinuousClock.Instant, _ call: ProgramCall
    ) -> Int32? {
        while ContinuousClock.now < deadline, !call.isCancelled {
            if let status = child.reap() { return status }
            usleep(2000)
        }
        child.kill()
        return nil
    }

    /// In a group of its own, in the C locale.
    private static func start(_ commandLine: [String], output: Int32, error: Int32) -> ProcessStart {
        let variables = ["PATH=\(standardDirectories.joined(separator: ":"))", "LC_ALL=C.UTF-8"]
        return ProcessStart(commandLine: commandLine, environment: variables, output: output, error: error)
    }
}
