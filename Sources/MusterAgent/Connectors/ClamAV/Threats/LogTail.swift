import FoundationEssentials
import Glibc

/// How far a log was read: the file, which may have another name by now, and the place in it.
struct LogPlace: Hashable, Sendable, Codable {
    /// Both 0: there was no file yet.
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var offset: Int64 = 0
    /// The last bytes before it: another file may get the number of one that was deleted.
    var before = Data()
}

/// What was added to a log since it was read last, also when it was rotated meanwhile, and the agent did not run. Blocks for the disk.
struct LogTail: Sendable {
    struct Piece: Hashable, Sendable {
        /// Whole lines.
        var text: [UInt8] = []
        var place: LogPlace
        /// There is more to read.
        var isMore = false
    }

    /// Read at once; 5,000 lines.
    static let standardLimit = 512 * 1024
    /// Names looked through for a log that was renamed.
    private static let mostNames = 4096

    let path: String
    var limit = Self.standardLimit

    /// - Parameter place: nil: the log was never looked at. What stands in it then is history.
    func read(after place: LogPlace?) -> Piece {
        guard let place else { return Piece(place: end) }
        let current = OpenLog(path)
        if place.inode != 0, current?.isAt(place) != true, let rotated = renamed(from: place) {
            let piece = rotated.read(from: place, limit: limit)
            // clamd goes on with the old file until it is told of the new one.
            if !piece.text.isEmpty || (current?.size ?? 0) == 0 { return piece }
        }
        guard let current else { return Piece(place: place) }
        let from = current.isAt(place) ? place : current.beginning
        return current.read(from: from, limit: limit)
    }

    /// Whole lines at its end.
    func last(_ count: Int) -> [UInt8] {
        guard let log = OpenLog(path) else { return [] }
        return log.read(from: log.place(at: max(0, log.size - Int64(count))), limit: count).text
    }

    private var end: LogPlace {
        guard let log = OpenLog(path) else { return LogPlace() }
        return log.place(at: log.size)
    }

    /// `NAME.1` as logrotate renames it, `NAME-20261125-120000` as clamd does.
    private func renamed(from place: LogPlace) -> OpenLog? {
        let directory = parent(of: path)
        let name = path.dropFirst(directory.count).drop { $0 == "/" }
        for other in (SystemCall.names(in: directory) ?? []).prefix(Self.mostNames) where other.hasPrefix(name) && other != name {
            if let log = OpenLog("\(directory)/\(other)"), log.isAt(place) { return log }
        }
        return nil
    }
}

/// A log that is open. One that is no plain file, or a link to one, is none.
private struct OpenLog {
    private let descriptor: Descriptor
    private static let compared = 64

    let beginning: LogPlace
    let size: Int64

    init?(_ path: String) {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        guard let descriptor = Descriptor(open(path, flags)),
            let status = try? FileStatus("/proc/self/fd/\(descriptor.number)", followingLinks: true), status.kind == .file
        else { return nil }
        self.descriptor = descriptor
        beginning = LogPlace(device: status.device, inode: status.inode)
        size = status.size
    }

    /// It is the same file; one that was cut is.
    func isAt(_ place: LogPlace) -> Bool {
        place.device == beginning.device && place.inode == beginning.inode
            && (place.offset > size || self.place(at: place.offset) == place)
    }

    func place(at offset: Int64) -> LogPlace {
        var place = beginning
        place.offset = offset
        let count = min(offset, Int64(Self.compared))
        if count > 0 { place.before = Data(bytes(at: offset - count, count: Int(count))) }
        return place
    }

    private func bytes(at offset: Int64, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let count = SystemCall.retrying { pread(descriptor.number, &bytes, bytes.count, off_t(offset)) }
        return Array(bytes.prefix(max(0, count)))
    }

    /// One that is shorter than it was is read from its beginning.
    func read(from place: LogPlace, limit: Int) -> LogTail.Piece {
        let offset = (0...size).contains(place.offset) ? place.offset : 0
        let bytes = bytes(at: offset, count: Int(min(Int64(limit), size - offset)))
        let isMore = bytes.count == limit
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            // A line that fills all of it is no line of a log.
            return LogTail.Piece(place: self.place(at: offset + (isMore ? Int64(limit) : 0)), isMore: isMore)
        }
        return LogTail.Piece(text: Array(bytes[...end]), place: self.place(at: offset + Int64(end) + 1), isMore: isMore)
    }
}
