import Glibc
import MusterModel

/// The logs of clamd and clamonacc: what was found since they were read last, and how many signatures clamd loaded.
struct ClamLog: Sendable {
    /// Of Debian's unit.
    private static let onAccess = "var/log/clamav/clamonacc.log"
    /// Under which a memory says that nothing was installed: what logs there are later is all news.
    private static let nothing = "-"

    private let paths: [String]
    private let onAccessPath: String
    private let notesPath: String
    /// clamd keeps one in a file.
    let isThere: Bool

    init(_ configuration: ClamConfiguration, root: RootPath) {
        let path = configuration.value("LogFile").flatMap { $0.hasPrefix("/") ? $0 : nil }
        isThere = path != nil
        onAccessPath = root.path(Self.onAccess)
        paths = [path, onAccessPath].compactMap(\.self)
        notesPath = FoundNotes.path(root)
    }

    var directories: [String] { Set((paths + [notesPath]).map { parent(of: $0) }).sorted() }

    static var beforeInstallation: [UInt8]? {
        var memory = ClamMemory()
        memory.logs[nothing] = LogPlace()
        return memory.bytes
    }

    /// Blocks for the disk.
    func read(_ memory: ClamMemory, now: Timestamp) -> ThreatWatch {
        var memory = memory
        var detections: [Detection] = []
        for path in paths {
            let text = added(to: path, &memory)
            memory.signatures = Self.signatures(in: text) ?? memory.signatures
            detections += Detection.all(in: text).filter { !$0.isDescriptor }
        }
        let notes = FoundNotes.notes(in: added(to: notesPath, &memory))
        memory.logs = memory.logs.filter { paths.contains($0.key) || $0.key == notesPath }
        var watch = ThreatWatch(memory, now: now)
        watch.take(detections, notes)
        return watch
    }

    private func added(to path: String, _ memory: inout ClamMemory) -> [UInt8] {
        let isNew = memory.logs[Self.nothing] != nil
        let piece = LogTail(path: path).read(after: memory.logs[path] ?? (isNew ? LogPlace() : nil))
        memory.logs[path] = piece.place
        return piece.text
    }

    /// What clamonacc complained of since it was started last. Blocks for the disk.
    var onAccessError: String? {
        let prefix = "ERROR: "
        // It begins with a line of dashes.
        let said = LogTail(path: onAccessPath).last(16 * 1024).split(separator: UInt8(ascii: "\n")).reversed().prefix {
            !$0.starts(with: "-----".utf8)
        }
        return said.last { $0.starts(with: prefix.utf8) }.map { HostileText.shown($0.dropFirst(prefix.utf8.count), limit: 200) }
    }

    /// `Loaded 8700000 signatures.`, `Database correctly reloaded (8700000 signatures)`.
    static func signatures(in text: [UInt8]) -> Int64? {
        var found: Int64?
        for line in text.split(separator: UInt8(ascii: "\n")) where line.count < 200 {
            let line = String(decoding: line.dropFirst(Detection.time(in: line) ?? 0), as: UTF8.self)
            for words in ["Loaded ", "Database correctly reloaded ("] where line.hasPrefix(words) {
                let digits = line.dropFirst(words.count).prefix { $0.isASCII && $0.isNumber }
                if line[digits.endIndex...].hasPrefix(" signatures") { found = Int64(digits) ?? found }
            }
        }
        return found
    }
}

extension Detection {
    /// An open file that was handed to clamd: whoever did knows its name, and says so: clamonacc in its own log, a scan in its notes.
    fileprivate var isDescriptor: Bool { if case .contents(let what) = place { what.hasPrefix("fd[") } else { false } }
}
