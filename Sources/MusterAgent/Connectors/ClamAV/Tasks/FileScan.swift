import Glibc
import MusterModel
import Synchronization

/// One scan: every file below its paths is opened, handed to clamd, and dealt with where something is found. Blocks; owned by one thread,
/// cancelled by any.
final class FileScan: Sendable {
    struct Order: Hashable, Sendable {
        var paths: [String]
        var exclusions: [String] = []
        var action = FoundNotes.Action.none
    }

    struct Sum: Hashable, Sendable {
        var files: Int64 = 0
        var threats: Int64 = 0
        /// Those that were quarantined or removed.
        var dealtWith: Int64 = 0
        /// Files that could not be opened or scanned.
        var failed: Int64 = 0
        /// Paths where nothing is.
        var missing: [String] = []
        /// Why it was given up.
        var failure: ConnectorError?
    }

    /// clamd gives a file 2 minutes, by its standard.
    private static let patience = Duration.seconds(150)
    /// One after another that clamd does not answer for: it hangs.
    private static let mostSilent = 3
    /// Threats whose path is said in the output.
    private static let mostPrinted: Int64 = 10_000

    private let order: Order
    private let clamd: ClamdClient
    private let context: TaskContext
    private let now: @Sendable () -> Timestamp
    private let cancelled = Atomic(false)

    init(_ order: Order, clamd: ClamdClient, context: TaskContext, now: @escaping @Sendable () -> Timestamp = { .now() }) {
        self.order = order
        self.clamd = clamd
        self.context = context
        self.now = now
    }

    func cancel() { cancelled.store(true, ordering: .relaxed) }

    private var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func run() -> Sum {
        context.progress(nil, "counting files")
        let total = count()
        var sum = Sum()
        var silent = 0
        let excluded = order.exclusions + [context.root.path(ThreatRemoval.quarantine)]
        let walk = FileWalk(excluded: excluded) { self.isCancelled }
        for path in order.paths {
            let isThere = walk.visit(path) { file in
                guard sum.failure == nil, !self.isCancelled else { return }
                self.scan(file, &sum, &silent)
                let share = total > 0 ? Int(min(999, (sum.files + sum.failed) * 1000 / total)) : nil
                self.context.progress(share, HostileText.shown(file.path, limit: 150))
            }
            if !isThere { sum.missing.append(path) }
        }
        _ = FoundNotes.add(FoundNotes.line(scanned: sum.files), context.root)
        return sum
    }

    private func count() -> Int64 {
        var total: Int64 = 0
        let walk = FileWalk(excluded: order.exclusions) { self.isCancelled }
        for path in order.paths { _ = walk.visit(path) { _ in total += 1 } }
        return total
    }

    private func scan(_ file: FileWalk.File, _ sum: inout Sum, _ silent: inout Int) {
        guard let open = FileWalk.open(file.directory.number, file.name, O_NOFOLLOW),
            let status = try? FileStatus("/proc/self/fd/\(open.number)", followingLinks: true)
        else {
            sum.failed += 1
            return
        }
        // A link, a pipe: nothing to scan.
        guard status.kind == .file else { return }
        switch clamd.scan(open, within: Self.patience) {
        case .absent: sum.failure = ConnectorError("clamdStopped", "clamd does not run: start clamav-daemon on the device")
        case .silent:
            sum.failed += 1
            silent += 1
            if silent == Self.mostSilent {
                sum.failure = ConnectorError("clamdSilent", "clamd does not answer: look at it on the device")
            }
        case .text(let answer):
            silent = 0
            take(answer, file, open, &sum)
        }
    }

    private func take(_ answer: String, _ file: FileWalk.File, _ open: Descriptor, _ sum: inout Sum) {
        guard let found = Detection(Array(answer.utf8)) else {
            if answer.hasSuffix(" ERROR") { sum.failed += 1 } else { sum.files += 1 }
            return
        }
        sum.files += 1
        sum.threats += 1
        let action = deal(with: file, open, found.signature)
        if action == .quarantined || action == .removed { sum.dealtWith += 1 }
        if sum.threats <= Self.mostPrinted {
            context.print("\(HostileText.shown(file.path, limit: 1024)): \(found.signature): \(Self.words(action))\n")
        }
        _ = FoundNotes.add(FoundNotes.line(action, file.path, found.signature), context.root)
    }

    private func deal(with file: FileWalk.File, _ open: Descriptor, _ signature: String) -> FoundNotes.Action {
        let removal = ThreatRemoval(context.root)
        switch order.action {
        case .quarantined:
            return removal.quarantine(file, scanned: open, signature: signature, now: now()) ? .quarantined : .failed
        case .removed: return removal.remove(file, scanned: open) ? .removed : .failed
        case .none, .failed: return .none
        }
    }

    static func words(_ action: FoundNotes.Action) -> String {
        switch action {
        case .none: "the file is there still"
        case .quarantined: "the file is in quarantine"
        case .removed: "the file was removed"
        case .failed: "the file could not be taken away and is there still"
        }
    }
}
