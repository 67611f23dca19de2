import MusterModel
import Synchronization

/// Asks apt what is pending, beside everything else: it takes a second of a processor, and on a slow device many. Asked anew when its lists or
/// the installed packages are others than when it answered last.
final class PackageSurvey: Sendable {
    struct Answer: Hashable, Sendable {
        var updates: PendingUpdates
        var held: [String]
    }

    /// What the answer depends on.
    private static let sources = ["var/lib/dpkg/status", "var/lib/apt/lists", "etc/apt/preferences.d", "etc/apt/sources.list.d"]
    private static let patience = Duration.minutes(5)
    /// After it failed, for whatever it was.
    private static let again = Duration.minutes(10)

    private struct State {
        var answer: Answer?
        var failure: ConnectorError?
        /// As the sources were when it was asked last; nil: it never was.
        var asked: (stamps: [FileStamp?], at: ContinuousClock.Instant)?
    }

    /// Before it is asked: a device that starts has other things to do, and while packages are being installed every answer is soon old.
    static let rest = Duration.minutes(1)

    private let program: SystemProgram
    private let root: RootPath
    private let rest: Duration
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>.Continuation
    private let rings: AsyncStream<Void>

    init(program: SystemProgram, root: RootPath, rest: Duration = PackageSurvey.rest) {
        self.rest = rest
        self.program = program
        self.root = root
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What apt said last; nil: nothing yet. Has it asked where that may be old.
    /// - Throws: why it could not say.
    func latest() throws(ConnectorError) -> Answer? {
        if isOld { bell.yield() }
        let (answer, failure) = state.withLock { ($0.answer, $0.failure) }
        if let failure { throw failure }
        return answer
    }

    /// - Parameter answered: it said something else.
    func run(answered: @Sendable () -> Void) async {
        for await _ in rings {
            guard (try? await Task.sleep(for: rest)) != nil else { return }
            if await ask() { answered() }
        }
    }

    private var stamps: [FileStamp?] { Self.sources.map { FileStamp(root.path($0)) } }

    private var isOld: Bool {
        let stamps = stamps
        return state.withLock { state in
            guard let asked = state.asked, asked.stamps == stamps else { return true }
            return state.failure != nil && asked.at + Self.again < .now
        }
    }

    private func ask() async -> Bool {
        // Somebody rang twice.
        guard isOld else { return false }
        // Before it answers: what changes meanwhile is asked for again, and nothing else.
        let stamps = stamps
        state.withLock { $0.asked = (stamps, .now) }
        let found = await survey()
        return state.withLock { state in
            let old = (state.answer, state.failure)
            switch found {
            case .success(let answer): (state.answer, state.failure) = (answer, nil)
            case .failure(let error): state.failure = error
            }
            return old != (state.answer, state.failure)
        }
    }

    private func survey() async -> Result<Answer, ConnectorError> {
        let arguments = ["-n", "10", "apt-get", "--simulate", "--quiet", "-o", "Debug::NoLocking=1", "dist-upgrade"]
        let output = await program.run("nice", arguments, within: Self.patience)
        if let failure = output.failure(of: "apt-get --simulate dist-upgrade") {
            return .failure(ConnectorError("aptFailed", "\(failure): pending updates are not known"))
        }
        let held = await program.run("apt-mark", ["showhold"], within: Self.patience)
        return .success(
            Answer(
                updates: PendingUpdates(output?.text ?? ""),
                held: (held?.text ?? "").split(whereSeparator: \.isNewline).map { String($0) }))
    }
}
