import CFileStatus

/// What the file system says of a path, without opening it.
package struct FileStatus: Sendable {
    package enum Kind: Hashable, Sendable { case directory, file, socket, other }

    /// Why there is no status: a number of `errno.h`.
    package struct Failure: Error { package let number: Int32 }

    private let raw: muster_file_status

    package init(_ path: String, followingLinks: Bool = false) throws(Failure) {
        var raw = muster_file_status()
        let number = muster_file_status_read(path, followingLinks ? 1 : 0, &raw)
        guard number == 0 else { throw Failure(number: number) }
        self.raw = raw
    }

    /// Of a path that need not be text. Links are not followed. - Parameter bytes: without a zero byte.
    init(bytes: [UInt8]) throws(Failure) {
        var raw = muster_file_status()
        let number = (bytes + [0]).withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { muster_file_status_read($0, 0, &raw) } ?? -1
            }
        }
        guard number == 0 else { throw Failure(number: number) }
        self.raw = raw
    }

    package var kind: Kind {
        switch raw.mode & 0o170000 {
        case 0o040000: .directory
        case 0o100000: .file
        case 0o140000: .socket
        default: .other
        }
    }

    /// Of owner, group and others.
    package var permissions: UInt32 { raw.mode & 0o7777 }
    var owner: UInt32 { raw.owner }
    var size: Int64 { raw.size }
    var device: UInt64 { raw.device }
    var inode: UInt64 { raw.inode }
    var modified: (seconds: Int64, nanoseconds: Int64) { (raw.modified_seconds, raw.modified_nanoseconds) }
}
