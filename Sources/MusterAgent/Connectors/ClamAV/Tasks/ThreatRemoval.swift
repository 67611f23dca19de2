import Glibc
import MusterModel

/// Takes a file away that something was found in: the very file that was scanned, whatever its path leads to by now. Blocks.
struct ThreatRemoval {
    static let quarantine = "\(FoundNotes.directory)/quarantine"

    private let root: RootPath

    init(_ root: RootPath) { self.root = root }

    /// - Parameter scanned: open since before it was scanned.
    /// - Returns: false when it is another by now, or cannot be taken away.
    func remove(_ file: FileWalk.File, scanned: Descriptor) -> Bool {
        guard isTheSame(file, scanned) else { return false }
        return unlinkat(file.directory.number, FileWalk.cString(file.name), 0) == 0
    }

    /// Moves it to where root alone may go, under a new name, and writes down beside it where it was. Nobody may run or read it there.
    func quarantine(_ file: FileWalk.File, scanned: Descriptor, signature: String, now: Timestamp) -> Bool {
        FoundNotes.makeDirectory(root)
        let place = root.path(Self.quarantine)
        mkdir(place, 0o700)
        guard let folder = FileWalk.open(AT_FDCWD, Array(place.utf8), O_DIRECTORY | O_NOFOLLOW), isTheSame(file, scanned) else {
            return false
        }
        let name = "\(now.milliseconds)-\(UInt32.random(in: 0...(.max)))"
        let note = "file: \(HostileText.shown(file.path, limit: Detection.longestPath))\nsignature: \(signature)\nfound: \(now)\n"
        guard write(Array(note.utf8), to: "\(name).txt", in: folder) else { return false }
        guard move(file, to: name, in: folder, scanned) || copy(file, to: name, in: folder, scanned) else {
            unlinkat(folder.number, "\(name).txt", 0)
            return false
        }
        return true
    }

    /// On the same file system. Its directory is open, so that no link on the way is followed; what was moved is looked at once more.
    private func move(_ file: FileWalk.File, to name: String, in folder: Descriptor, _ scanned: Descriptor) -> Bool {
        guard renameat(file.directory.number, FileWalk.cString(file.name), folder.number, name) == 0 else { return false }
        guard Self.identity(folder, Array(name.utf8)) == Self.identity(scanned) else {
            // It was put in the place of the one that was scanned at this very moment.
            renameat(folder.number, name, file.directory.number, FileWalk.cString(file.name))
            return false
        }
        fchmod(scanned.number, 0)
        fchown(scanned.number, 0, 0)
        return true
    }

    private func copy(_ file: FileWalk.File, to name: String, in folder: Descriptor, _ scanned: Descriptor) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        guard errno == EXDEV, let new = Descriptor(openat(folder.number, name, flags, 0)) else { return false }
        lseek(scanned.number, 0, SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let count = SystemCall.retrying { read(scanned.number, &buffer, buffer.count) }
            if count == 0 { break }
            guard count > 0, Self.writeAll(buffer[..<count], to: new) else {
                unlinkat(folder.number, name, 0)
                return false
            }
        }
        guard fsync(new.number) == 0, remove(file, scanned: scanned) else {
            unlinkat(folder.number, name, 0)
            return false
        }
        return true
    }

    private func write(_ bytes: [UInt8], to name: String, in folder: Descriptor) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        guard let new = Descriptor(openat(folder.number, name, flags, 0o600)) else { return false }
        return Self.writeAll(bytes[...], to: new) && fsync(new.number) == 0
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to file: Descriptor) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                SystemCall.retrying { Glibc.write(file.number, bytes.baseAddress, bytes.count) }
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    // MARK: Which file it is

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private func isTheSame(_ file: FileWalk.File, _ scanned: Descriptor) -> Bool {
        let now = Self.identity(file.directory, file.name)
        return now != nil && now == Self.identity(scanned)
    }

    private static func identity(_ file: Descriptor) -> Identity? {
        guard let status = try? FileStatus("/proc/self/fd/\(file.number)", followingLinks: true) else { return nil }
        return Identity(device: status.device, inode: status.inode)
    }

    private static func identity(_ directory: Descriptor, _ name: [UInt8]) -> Identity? {
        guard let status = try? FileStatus(bytes: Array("/proc/self/fd/\(directory.number)/".utf8) + name) else { return nil }
        return Identity(device: status.device, inode: status.inode)
    }
}
