/// What tells one state of a file or directory from another without reading it.
struct FileStamp: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// Nil when there is nothing at `path`, or it may not be looked at.
    init?(_ path: String) {
        guard let status = try? FileStatus(path, followingLinks: true) else { return nil }
        device = status.device
        inode = status.inode
        size = status.size
        (seconds, nanoseconds) = status.modified
    }
}
