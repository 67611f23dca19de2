import MusterModel
import Synchronization

/// Runs apt for a task: without questions, with what it says kept so far as its failures are told by it, and waiting for others who work on
/// the device's packages.
struct PackageProgram: Sendable {
    /// How long one waits for those who hold the locks: a night's upgrade takes minutes.
    static let patience = Duration.minutes(10)
    private static let pause = Duration.seconds(5)
    /// Of what it said; errors come last.
    private static let kept = 64 * 1024
    /// Of the whole, in thousandths, what fetching packages counts; the rest is installing.
    private static let download = 400

    /// What came of it.
    enum Result: Sendable {
        case done(output: String)
        case failed(TaskConclusion)
    }

    let context: TaskContext
    var patience = Self.patience

    /// - Parameter share: of the whole that fetching is, in thousandths.
    func run(_ arguments: [String], downloading share: Int = Self.download, isShown: Bool = true) async -> Result {
        let start = SuspendingClock.now
        while true {
            let result = await once(arguments, share, isShown)
            guard case .failed(let conclusion) = result, conclusion.code == APTFailure.locked,
                start.duration(to: .now) < patience
            else { return result }
            context.progress(nil, "waiting for another program that works on the packages")
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return result }
        }
    }

    private func once(_ arguments: [String], _ share: Int, _ isShown: Bool) async -> Result {
        let said = LastWords(Self.kept)
        var program = TaskProgram(context.root.path("usr/bin/apt-get"), options + arguments)
        program.environment = ["DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none"]
        program.status = { tell($0, share) }
        program.hears = { said.heard($0) }
        program.isShown = isShown
        // Services of packages, where no systemd starts them.
        program.mayLeaveBehind = true
        switch await context.run(program) {
        case .exited(0): return .done(output: said.text)
        case .exited(let code): return .failed(APTFailure.conclusion(said.text, exitCode: code))
        case .notStarted(let text): return .failed(.failed("aptMissing", "this device has no apt-get: \(text)"))
        case .timedOut, .cancelled: return .failed(.failed("stopped", "apt was ended"))
        }
    }

    private var options: [String] {
        let values = [
            "APT::Status-Fd=3", "DPkg::Lock::Timeout=\(patience.milliseconds / 1000)", "Dpkg::Use-Pty=0",
            // What its owner changed stays; what the package alone changed is renewed.
            "Dpkg::Options::=--force-confdef", "Dpkg::Options::=--force-confold",
            // A name that no package has is a mistake, not a pattern that many fit.
            "APT::Cmd::Pattern-Only=true",
            // A list that could not be fetched is a failure, not a warning.
            "APT::Update::Error-Mode=any",
        ]
        return ["--yes", "--quiet"] + values.flatMap { ["-o", $0] }
    }

    private func tell(_ line: String, _ share: Int) {
        switch APTStatusLine(line) {
        case .download(let done, let text): context.progress(done * share / 1000, text)
        case .package(let done, let text): context.progress(share + done * (1000 - share) / 1000, text)
        case nil: return
        }
    }
}

/// The end of what a program says.
final class LastWords: Sendable {
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])

    init(_ limit: Int) { self.limit = limit }

    func heard(_ more: [UInt8]) {
        bytes.withLock { bytes in
            bytes += more
            // Now and then: moving the rest each time would cost more than it keeps.
            if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
        }
    }

    var text: String { String(decoding: bytes.withLock { $0.suffix(limit) }, as: UTF8.self) }
}
