import MusterModel
import NIOPosix

/// The task `scan` of ClamAV.
struct ScanWork: TaskWork {
    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        guard let socket = ClamTasks.socket(context.root) else {
            return .failed("clamAVMissing", "ClamAV is not installed here: apt-get install clamav-daemon")
        }
        let scan = FileScan(Self.order(task.settings), clamd: ClamdClient(path: socket), context: context)
        let sum = await withTaskCancellationHandler {
            try? await NIOThreadPool.singleton.runIfActive { scan.run() }
        } onCancel: {
            scan.cancel()
        }
        guard let sum else { return .failed("scanFailed", "the scan was not run: the agent is stopping") }
        return Self.conclude(sum, context)
    }

    static func order(_ settings: [String: ManagedValue]) -> FileScan.Order {
        func list(_ key: String) -> [String] { if case .list(let texts) = settings[key] { texts } else { [] } }
        let action: FoundNotes.Action =
            switch settings[ClamScanKey.action] {
            case .text("quarantine"): .quarantined
            case .text("remove"): .removed
            default: .none
            }
        return FileScan.Order(paths: list(ClamScanKey.paths), exclusions: list(ClamScanKey.exclusions), action: action)
    }

    private static func conclude(_ sum: FileScan.Sum, _ context: TaskContext) -> TaskConclusion {
        let figures = [
            "filesScanned": sum.files, "filesFailed": sum.failed, "threatsFound": sum.threats, "threatsDealtWith": sum.dealtWith,
        ]
        context.print("\(sum.files) files scanned, \(sum.failed) could not be, \(sum.threats) threats found\n")
        for path in sum.missing { context.print("\(HostileText.shown(Array(path.utf8), limit: 1024)): there is nothing\n") }
        if let failure = sum.failure { return .failed(failure.code, failure.text, figures: figures) }
        context.raise(
            DeviceEvent(
                type: EventType.scanFinished, severity: sum.threats > 0 ? .warning : .info, occurred: .now(),
                parameters: [
                    "files": .integer(sum.files), "threats": .integer(sum.threats), "dealtWith": .integer(sum.dealtWith),
                    "failed": .integer(sum.failed),
                ], text: "\(sum.files) files were scanned, with \(sum.threats) threats"))
        if sum.files == 0, sum.failed == 0, !sum.missing.isEmpty {
            return .failed("pathsMissing", "there is nothing at \(sum.missing.joined(separator: ", "))", figures: figures)
        }
        return .succeeded(figures: figures)
    }
}

/// What ClamAV's tasks share.
enum ClamTasks {
    /// Where clamd listens; nil without it.
    static func socket(_ root: RootPath) -> String? {
        guard let bytes = SystemCall.contents(of: root.path("etc/clamav/clamd.conf"), limit: ClamConfiguration.maximumBytes)
        else {
            return nil
        }
        return ClamConfiguration(bytes).value("LocalSocket")
    }
}
