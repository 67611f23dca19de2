import FoundationEssentials
import Glibc
import MusterModel

/// What a scan found, on its way to the connector, which tells it and watches the files: lines in a file that root alone may read.
///
///     FOUND none|quarantined|removed|failed PATH-IN-BASE64 SIGNATURE
///     SCANNED NUMBER-OF-FILES
enum FoundNotes {
    /// What was done with a file.
    enum Action: String, Sendable, CaseIterable { case none, quarantined, removed, failed }

    static let directory = "var/lib/muster-clamav"
    private static let name = "found"
    /// 10,000 threats; it begins anew with the next scan.
    private static let largest: Int64 = 1 << 20

    static func path(_ root: RootPath) -> String { root.path("\(directory)/\(name)") }

    /// With its permissions; nothing where it is there.
    static func makeDirectory(_ root: RootPath) { mkdir(root.path(directory), 0o700) }

    static func line(_ action: Action, _ path: [UInt8], _ signature: String) -> String {
        "FOUND \(action.rawValue) \(Data(path).base64EncodedString()) \(signature)\n"
    }

    static func line(scanned: Int64) -> String { "SCANNED \(scanned)\n" }

    /// What one line says; nil for what is none.
    enum Note: Hashable, Sendable {
        case found(Action, Detection)
        case scanned(Int64)
    }

    static func notes(in text: [UInt8]) -> [Note] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard line.count < 4 * Detection.longestPath else { return nil }
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 3).map { String($0) }
            if words.count == 2, words[0] == "SCANNED" { return Int64(words[1]).flatMap { $0 >= 0 ? .scanned($0) : nil } }
            guard words.count == 4, words[0] == "FOUND", let action = Action(rawValue: words[1]),
                let path = Data(base64Encoded: words[2]), path.first == UInt8(ascii: "/"), path.count <= Detection.longestPath
            else { return nil }
            return .found(action, Detection(file: Array(path), signature: HostileText.shown(Array(words[3].utf8), limit: 200)))
        }
    }

    /// Adds lines, durably. - Returns: false when they could not be written.
    static func add(_ text: String, _ root: RootPath) -> Bool {
        makeDirectory(root)
        let path = path(root)
        if let status = try? FileStatus(path), status.size > largest { unlink(path) }
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC
        guard let file = Descriptor(open(path, flags, 0o600)) else { return false }
        let bytes = Array(text.utf8)
        return write(file.number, bytes, bytes.count) == bytes.count && fsync(file.number) == 0
    }
}
