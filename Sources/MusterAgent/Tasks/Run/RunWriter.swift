import MusterModel
import NIOPosix
import Synchronization

/// Writes what a run says and how far it is into its folder, not more often than somebody can read it.
final class RunWriter: Sendable {
    /// Between two writes of one file.
    private static let period = Duration.milliseconds(500)

    private struct State {
        var keeper = OutputKeeper()
        var progress: RunProgressFile?
        var outputWritten: ContinuousClock.Instant?
        var progressWritten: ContinuousClock.Instant?
    }

    private let folder: RunFolder
    private let state = Mutex(State())

    init(_ folder: RunFolder) { self.folder = folder }

    /// Blocks for a small file now and then: on the thread that reads the program.
    func output(_ bytes: some BidirectionalCollection<UInt8>) {
        let file = state.withLock { state -> [UInt8]? in
            state.keeper.append(bytes)
            guard Self.isDue(&state.outputWritten) else { return nil }
            return state.keeper.file
        }
        if let file { folder.write(output: file) }
    }

    func progress(_ share: Int?, _ step: String) {
        let step = Self.cut(step)
        let progress = RunProgressFile(share: share, step: step)
        let isDue = state.withLock { state in
            guard state.progress != progress else { return false }
            state.progress = progress
            return Self.isDue(&state.progressWritten)
        }
        if isDue { folder.write(progress) }
    }

    /// Whole characters alone: half of one would become a longer one.
    private static func cut(_ step: String) -> String {
        var cut = ""
        for scalar in step.unicodeScalars {
            guard cut.utf8.count + UTF8.width(scalar) <= RunProgress.maximumStep else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut
    }

    /// All there is, before the result.
    func close() {
        let (file, total) = state.withLock { ($0.keeper.file, $0.keeper.total) }
        if total > 0 { folder.write(output: file) }
    }

    private static func isDue(_ last: inout ContinuousClock.Instant?) -> Bool {
        let now = ContinuousClock.now
        if let last, now - last < period { return false }
        last = now
        return true
    }
}
