import MusterModel

/// What one type of task does on the device. Runs in the process of its run, apart from the agent: without storage and connection, with
/// its settings and its context alone.
protocol TaskWork: Sendable {
    /// Does it from beginning to end. When the Swift task around it is cancelled (it is stopped, or takes longer than it may) it returns
    /// soon; programs that the context runs are ended for it, and what it returns is not looked at then.
    /// - Parameter task: its settings are as the manifest allows; keys nobody set are left out.
    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion
}

/// What came of a task that was let run to its end.
struct TaskConclusion: Hashable, Sendable {
    var hasSucceeded: Bool
    /// It took longer than a setting of its own lets it.
    var hasTimedOut = false
    /// Of the program whose end is the task's.
    var exitCode: Int32?
    /// Why it failed: a code for programs, and for people a sentence that says what to do; empty otherwise.
    var code = ""
    var text = ""
    /// Numbers it has to tell, at most 16, as `filesScanned`: letters and digits.
    var figures: [String: Int64] = [:]

    static func succeeded(exitCode: Int32? = nil, figures: [String: Int64] = [:]) -> Self {
        Self(hasSucceeded: true, exitCode: exitCode, figures: figures)
    }

    static func timedOut(_ text: String) -> Self {
        Self(hasSucceeded: false, hasTimedOut: true, code: "timedOut", text: text)
    }

    static func failed(_ code: String, _ text: String, exitCode: Int32? = nil, figures: [String: Int64] = [:]) -> Self {
        Self(hasSucceeded: false, exitCode: exitCode, code: code, text: text, figures: figures)
    }
}

/// How the process of a run reaches the device and those who watch it.
struct TaskContext: Sendable {
    /// Where the device's files are: `/`, or a folder in tests.
    let root: RootPath
    /// Runs programs whose output is the task's; ends them, with all they started, when the task is cancelled.
    let run: @Sendable (TaskProgram) async -> TaskProgram.End
    /// What the task itself has to say goes into its output.
    let print: @Sendable (String) -> Void
    /// How far it is, in thousandths (nil: nobody knows), and what it does just now. As often as it likes.
    let progress: @Sendable (Int?, String) -> Void
    /// Told to the server as any event of the device, also when the agent is away just now.
    let raise: @Sendable (DeviceEvent) -> Void
}

/// A program that a task runs, and waits for.
struct TaskProgram: Sendable {
    enum End: Hashable, Sendable {
        /// 128 and more: a signal.
        case exited(Int32)
        /// It could not be started: why, for people.
        case notStarted(String)
        /// It took longer than its own limit, and was ended.
        case timedOut
        /// The task was cancelled, and it was ended.
        case cancelled
    }

    /// From the root.
    var path: String
    var arguments: [String]
    /// Beside PATH, LC_ALL, HOME, USER, LOGNAME and SHELL, which it always has; these win.
    var environment: [String: String] = [:]
    /// Nil: as the agent, root.
    var user: String?
    var directory = "/"
    var limit: Duration?
    /// Fed to it; it reads nothing otherwise.
    var input: [UInt8] = []
    /// Hears each line it writes to descriptor 3, which it has only then: APT's status goes there.
    var status: (@Sendable (String) -> Void)?
    /// It writes those lines to its standard output instead, and its standard error alone is its output: so connectors speak.
    var isStatusOnStandardOutput = false
    /// Bytes of such a line; of a longer one the rest is left out.
    var longestStatus = LineCollector.standardMaximum
    /// Hears what it says, beside the task's output.
    var hears: (@Sendable ([UInt8]) -> Void)?
    /// Whether what it says goes into the task's output.
    var isShown = true
    /// Whether what it started and left behind may go on, as a package's service on a device without systemd.
    var mayLeaveBehind = false

    init(_ path: String, _ arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }
}
