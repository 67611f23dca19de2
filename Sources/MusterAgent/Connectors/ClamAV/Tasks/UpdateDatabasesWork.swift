import MusterModel
import Synchronization

/// The task `update-databases` of ClamAV: freshclam, once. It tells clamd of new databases itself where its file says so; clamd is told anyway.
struct UpdateDatabasesWork: TaskWork {
    /// The official databases over a slow line.
    private static let limit = Duration.minutes(60)
    private static let program = "usr/bin/freshclam"

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        let configuration = context.root.path("etc/clamav/freshclam.conf")
        guard SystemProgram().isThere("freshclam"), FileStamp(configuration) != nil else {
            return .failed("freshclamMissing", "freshclam is not installed here: apt-get install clamav-freshclam")
        }
        context.progress(nil, "asking for new databases")
        let last = LastLines()
        // Its log is locked by the one that runs all the time.
        var freshclam = TaskProgram(
            "/\(Self.program)", ["--config-file=\(configuration)", "--stdout", "--log=/dev/null", "--no-warnings"])
        freshclam.limit = Self.limit
        freshclam.hears = { last.take($0) }
        let end = await context.run(freshclam)
        guard case .exited(let code) = end else { return Self.failure(end) }
        guard code == 0 else {
            return .failed("updateFailed", last.text.isEmpty ? "freshclam ended with \(code)" : last.text, exitCode: code)
        }
        if let socket = ClamTasks.socket(context.root) { _ = await ClamdClient(path: socket).ask("RELOAD", within: .seconds(10)) }
        return .succeeded(exitCode: code)
    }

    private static func failure(_ end: TaskProgram.End) -> TaskConclusion {
        switch end {
        case .notStarted(let why): .failed("freshclamMissing", "freshclam could not be started: \(why)")
        case .timedOut: .failed("updateTimedOut", "freshclam took longer than \(limit.text) and was ended")
        case .cancelled, .exited: .failed("updateFailed", "freshclam was ended")
        }
    }
}

/// The last lines of an output that are not empty, as people may see them: what went wrong stands in one of them.
private final class LastLines: Sendable {
    private static let longest = 300
    private static let count = 3
    private let state = Mutex<(line: [UInt8], last: [[UInt8]])>(([], []))

    func take(_ bytes: [UInt8]) {
        state.withLock { state in
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    if state.line.count < Self.longest { state.line.append(byte) }
                } else if !state.line.isEmpty {
                    state.last = state.last.suffix(Self.count - 1) + [state.line]
                    state.line = []
                }
            }
        }
    }

    var text: String {
        state.withLock { $0.last }.map { HostileText.shown($0, limit: Self.longest) }.joined(separator: "; ")
    }
}
