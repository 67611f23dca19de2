import Glibc

/// Every plain file below a path, each with its directory held open: what is done with a file later is done there, whatever becomes of the
/// path meanwhile. Symbolic links are not followed below the path, and file systems of the kernel's own are left out.
///
/// Two descriptors a level: 128 levels stay far from the 1,024 that a process has.
struct FileWalk {
    struct File {
        let directory: Descriptor
        /// Bytes: a name need not be text.
        let name: [UInt8]
        /// For people and for the log.
        let path: [UInt8]
    }

    static let deepest = 128
    private static let kernels = ["/proc", "/sys", "/dev"].map { Array($0.utf8) }

    private let excluded: [[UInt8]]
    private let isCancelled: () -> Bool

    /// - Parameter excluded: paths, with everything below them.
    init(excluded: [String], isCancelled: @escaping () -> Bool) {
        self.excluded = excluded.map { Self.trimmed(Array($0.utf8)) }
        self.isCancelled = isCancelled
    }

    /// - Returns: false when there is nothing at that path, or it cannot be opened.
    func visit(_ path: String, _ body: (File) -> Void) -> Bool {
        let path = Self.trimmed(Array(path.utf8))
        guard !isExcluded(path) else { return true }
        if let directory = Self.open(AT_FDCWD, path, O_DIRECTORY) {
            walk(directory, path, depth: 0, body)
            return true
        }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return false }
        let parent = slash == path.startIndex ? [UInt8(ascii: "/")] : Array(path[..<slash])
        guard let directory = Self.open(AT_FDCWD, parent, O_DIRECTORY) else { return false }
        let file = File(directory: directory, name: Array(path[(slash + 1)...]), path: path)
        guard faccessat(directory.number, Self.cString(file.name), F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        body(file)
        return true
    }

    private func walk(_ directory: Descriptor, _ path: [UInt8], depth: Int, _ body: (File) -> Void) {
        // The stream closes its descriptor.
        guard depth < Self.deepest, let stream = fdopendir(fcntl(directory.number, F_DUPFD_CLOEXEC, 3)) else { return }
        defer { closedir(stream) }
        while !isCancelled(), let entry = readdir(stream) {
            let kind = Int32(entry.pointee.d_type)
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != Array(".".utf8), name != Array("..".utf8) else { continue }
            let below = (path == [UInt8(ascii: "/")] ? [] : path) + [UInt8(ascii: "/")] + name
            guard !isExcluded(below), !Self.kernels.contains(below) else { continue }
            // A file system that does not say what it is leaves it to opening.
            let isDirectory = kind == Int32(DT_DIR) || kind == Int32(DT_UNKNOWN)
            if isDirectory, let next = Self.open(directory.number, name, O_DIRECTORY | O_NOFOLLOW) {
                walk(next, below, depth: depth + 1, body)
            } else if kind == Int32(DT_REG) || kind == Int32(DT_UNKNOWN) {
                body(File(directory: directory, name: name, path: below))
            }
        }
    }

    private func isExcluded(_ path: [UInt8]) -> Bool {
        excluded.contains { $0 == path || (path.starts(with: $0) && (path[$0.count] == UInt8(ascii: "/") || $0.count == 1)) }
    }

    private static func trimmed(_ path: [UInt8]) -> [UInt8] {
        var path = path
        while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// For reading; a pipe or device does not hold it up.
    static func open(_ directory: Int32, _ name: [UInt8], _ flags: Int32) -> Descriptor? {
        Descriptor(openat(directory, cString(name), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags))
    }

    /// As the system's calls take it.
    static func cString(_ name: [UInt8]) -> [CChar] { name.filter { $0 != 0 }.map { CChar(bitPattern: $0) } + [0] }
}
