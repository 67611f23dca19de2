import FoundationEssentials
import MusterModel

/// What the connector remembers beyond its report: how far logs were read, and the files with threats that are there still.
struct ClamMemory: Hashable, Sendable, Codable {
    /// A file that something was found in, as it was then.
    struct Threat: Hashable, Sendable, Codable {
        /// Its bytes: a name need not be text.
        var path: Data
        var signature: String
        var stamp: ThreatStamp?
        /// When it was told.
        var found: Timestamp

        var shownPath: String { HostileText.shown(path, limit: 1024) }
    }

    /// Files that are watched until they are gone; of further ones an event says so, and nobody looks after them.
    static let mostThreats = 100
    /// Those that were gone when they were told, so that another log's line is not told again.
    static let mostGone = 64

    var logs: [String: LogPlace] = [:]
    var threats: [Threat] = []
    var gone: [Threat] = []
    /// All that were ever told.
    var found: Int64 = 0
    /// Files scanned by tasks.
    var scanned: Int64 = 0
    /// Loaded by clamd, as its log said last.
    var signatures: Int64?

    init() {}

    /// Damaged: as on the first day.
    init(bytes: [UInt8]?) {
        self = bytes.flatMap { try? JSONDecoder().decode(Self.self, from: Data($0)) } ?? ClamMemory()
    }

    /// The same each time: nothing is written that is as it was.
    var bytes: [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { Array($0) }
    }
}

/// Which file it is, and whether it was written since.
struct ThreatStamp: Hashable, Sendable, Codable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// Nil: it is gone, or no plain file.
    init?(path: some Collection<UInt8>) {
        guard !path.contains(0), let status = try? FileStatus(bytes: Array(path)), status.kind == .file else { return nil }
        device = status.device
        inode = status.inode
        size = status.size
        (seconds, nanoseconds) = status.modified
    }
}
