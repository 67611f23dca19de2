import Glibc
import Synchronization

/// The owner's file, `agent.conf`: read, and judged whether it is the owner's alone.
package struct CeilingFile: Sendable {
    package static let name = "agent.conf"

    package let path: String
    let directory: String
    private let owner: UInt32

    /// - Parameters:
    ///   - directory: of the agent's configuration.
    ///   - owner: whose it must be: root's.
    package init(directory: String, owner: UInt32 = 0) {
        self.directory = directory
        self.owner = owner
        path = directory + "/" + Self.name
    }

    /// Blocks for a small file. No file forbids nothing.
    package func read() -> CeilingStanding {
        do {
            return CeilingStanding(
                path: path, ceiling: try contents().map { json throws(CeilingFault) in try Ceiling(json: json) })
        } catch {
            return CeilingStanding(path: path, ceiling: .everything, fault: error.text)
        }
    }

    /// Nil without a file.
    private func contents() throws(CeilingFault) -> [UInt8]? {
        guard let status = try Self.status(path) else { return nil }
        guard status.kind == .file else { throw CeilingFault("it is not a plain file") }
        try check(status, "it")
        if let folder = try Self.status(directory, followingLinks: true) { try check(folder, "its directory \(directory)") }
        guard status.size <= Int64(Ceiling.maximumBytes) else {
            throw CeilingFault("it is longer than \(Ceiling.maximumBytes) bytes")
        }
        guard let bytes = SystemCall.contents(of: path, limit: Ceiling.maximumBytes) else {
            throw CeilingFault("it cannot be read: \(SystemCall.text(of: errno))")
        }
        return bytes
    }

    private func check(_ status: FileStatus, _ what: String) throws(CeilingFault) {
        guard status.owner == owner else {
            throw CeilingFault("\(what) belongs to user \(status.owner), and must belong to root (chown root)")
        }
        guard status.permissions & 0o022 == 0 else {
            throw CeilingFault("others than root may write to \(what == "it" ? "it" : what) (chmod go-w)")
        }
    }

    private static func status(_ path: String, followingLinks: Bool = false) throws(CeilingFault) -> FileStatus? {
        do {
            return try FileStatus(path, followingLinks: followingLinks)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            throw CeilingFault("it cannot be looked at: \(SystemCall.text(of: error.number))")
        }
    }
}

/// How the owner's file stands.
package struct CeilingStanding: Hashable, Sendable {
    package let path: String
    /// Nil: there is no file.
    private let file: Ceiling?
    /// Why it cannot be read; everything that may be forbidden is forbidden then.
    package let fault: String?

    fileprivate init(path: String, ceiling: Ceiling?, fault: String? = nil) {
        self.path = path
        file = ceiling
        self.fault = fault
    }

    package var ceiling: Ceiling { file ?? .none }
    package var isThere: Bool { file != nil }
}

/// The ceiling in the running agent: read at its start and when the file changed, asked wherever the server's word comes into force.
final class CeilingBoard: Sendable {
    let file: CeilingFile
    private let state: Mutex<CeilingStanding>

    init(_ file: CeilingFile) {
        self.file = file
        state = Mutex(file.read())
    }

    var standing: CeilingStanding { state.withLock { $0 } }
    var ceiling: Ceiling { standing.ceiling }

    /// - Returns: whether it is another one now.
    func readAgain() -> Bool {
        let found = file.read()
        return state.withLock { state in
            defer { state = found }
            return state != found
        }
    }
}
