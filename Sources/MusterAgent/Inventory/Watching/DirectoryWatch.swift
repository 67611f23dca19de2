import Glibc

/// Directories watched through inotify; where that cannot be had, through their stamps, which somebody must look at from time to time.
///
/// Used by one thread at a time. A directory that does not exist is watched from the next `arm` after it was made.
struct DirectoryWatch {
    /// What says that an entry came, went, was written, or has other permissions. dpkg writes a new file and renames it over the old one: the directory is what
    /// to watch, not the file.
    private static let events = UInt32(
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

    private let directories: @Sendable () -> [String]
    private let seesWrites: Bool
    private let inotify: Descriptor?
    private var stamps: [String: FileStamp] = [:]
    /// Some directory that exists is not watched by inotify: `hasChangedStamps` must be asked.
    private(set) var needsPolling = false

    /// - Parameter seesWrites: what is written to a file in them counts at once, not when it is closed; and which directories there are is to
    ///   be asked from time to time.
    init(directories: @escaping @Sendable () -> [String], usingInotify: Bool = true, seesWrites: Bool = false) {
        self.directories = directories
        self.seesWrites = seesWrites
        inotify = usingInotify ? Descriptor(inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))) : nil
    }

    /// What to poll for reading; -1, which `poll` passes over, without inotify.
    var descriptor: Int32 { inotify?.number ?? -1 }

    /// Watches what there is now. To be called before the directories are read, so that no change falls between.
    mutating func arm() {
        needsPolling = seesWrites
        let events = Self.events | (seesWrites ? UInt32(IN_MODIFY) : 0)
        stamps = [:]
        for directory in directories() {
            guard let stamp = FileStamp(directory) else { continue }
            stamps[directory] = stamp
            // Adding a directory that is watched already changes nothing.
            if let inotify, inotify_add_watch(inotify.number, directory, events | UInt32(IN_ONLYDIR)) >= 0 { continue }
            needsPolling = true
        }
    }

    /// Takes what inotify has. What it was does not matter: every source is read again.
    /// - Returns: false when there was nothing.
    func drain() -> Bool {
        guard let inotify else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        var found = false
        while SystemCall.retrying({ read(inotify.number, &buffer, buffer.count) }) > 0 { found = true }
        return found
    }

    /// Whether a directory came, went, or has another modification time than at `arm`.
    func hasChangedStamps() -> Bool {
        var now: [String: FileStamp] = [:]
        for directory in directories() { now[directory] = FileStamp(directory) }
        return now != stamps
    }
}
