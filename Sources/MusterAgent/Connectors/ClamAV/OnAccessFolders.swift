import Glibc
import MusterModel

/// Which of the folders it is told to watch clamonacc does not. It writes *watching* of one that is not there, of a link and of a file just the
/// same, goes on with the others, and looks at none of them again: one that is made later it watches once it is started anew.
struct OnAccessFolders: Hashable, Sendable {
    static let failed = "onAccessFolder"

    /// What keeps it from a folder.
    enum Fault: Hashable, Sendable {
        case missing, link, notAFolder
        /// `/`, which it leaves out.
        case root

        func text(_ path: String) -> String {
            let taking = "take it out of \(ClamAVKey.onAccessPaths)"
            let path = HostileText.shown(path.utf8, limit: 200)
            return switch self {
            case .missing: "there is no folder \(path): make it on the device, or \(taking)"
            case .link: "\(path) is a link, which clamonacc does not follow: name the folder it leads to"
            case .notAFolder: "\(path) is no folder: name the one it is in, or \(taking)"
            case .root: "clamonacc does not watch /: name folders below it"
            }
        }
    }

    /// Those that it could not watch since it was started at `since`.
    private var unwatched: Set<String> = []
    private var since: Int64?

    /// Blocks for the disk. Links on the way to a folder it does follow.
    static func fault(of path: String) -> Fault? {
        guard path.contains(where: { $0 != "/" }) else { return .root }
        var status = stat()
        let whole = path.last == "/" ? String(path.dropLast()) : path
        guard lstat(whole, &status) == 0 else { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFDIR: nil
        case S_IFLNK: .link
        default: .notAFolder
        }
    }

    /// What keeps the setting from being in force while clamonacc is up.
    /// - Parameters:
    ///   - faults: of these folders, as they are now.
    ///   - since: when it was started, by the steady clock.
    mutating func obstacle(_ folders: [String], _ faults: [String: Fault], since: Int64?) -> ConnectorReading.Obstacle? {
        if since != self.since { self = Self(since: since) }
        unwatched = unwatched.union(faults.keys).intersection(folders)
        if let folder = folders.first(where: { faults[$0] != nil }), let fault = faults[folder] {
            return .failure(ConnectorError(Self.failed, fault.text(folder)))
        }
        guard let late = folders.first(where: unwatched.contains) else { return nil }
        let shown = HostileText.shown(late.utf8, limit: 200)
        return .failure(
            ConnectorError(Self.failed, "\(shown) was made after clamonacc began: it is watched once that is started anew"))
    }

    /// Some could be watched by now, if it were started anew.
    func hasLate(_ faults: [String: Fault]) -> Bool { unwatched.contains { faults[$0] == nil } }

    init(since: Int64? = nil) { self.since = since }
}
