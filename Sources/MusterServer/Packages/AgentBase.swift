import Foundation
import Glibc
import MusterAPI
import NIOPosix

/// The agent's package as it lies on the disk, opened for one download: its head in memory, the rest read as it is sent.
final class AgentBase: Sendable {
    /// What is read at a time.
    private static let piece = 256 * 1024

    let head: DebianPackageHead
    /// Bytes from the data member on, to the end of the file.
    let restSize: Int
    private let descriptor: Int32

    /// - Throws: a `Problem` that says what to put there.
    static func open(_ path: String) async throws -> AgentBase {
        try await NIOThreadPool.singleton.runIfActive { () throws in
            do { return try AgentBase(path) } catch let unfit as DebianPackageHead.Unfit {
                throw Problem.agentBaseUnfit(path, unfit.reason)
            }
        }
    }

    private init(_ path: String) throws(DebianPackageHead.Unfit) {
        let opened = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw .init(reason: String(cString: strerror(errno))) }
        do throws(DebianPackageHead.Unfit) {
            var status = stat()
            guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .init(reason: "it is no file") }
            head = try DebianPackageHead(Self.read(opened, at: 0, count: DebianPackageHead.longest))
            restSize = Int(status.st_size) - head.dataOffset
            guard restSize > 0 else { throw .init(reason: "it is cut short") }
        } catch {
            close(opened)
            throw error
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    private static func read(_ descriptor: Int32, at offset: Int, count: Int) throws(DebianPackageHead.Unfit) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .init(reason: String(cString: strerror(errno))) }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }

    /// The next piece of the rest.
    /// - Parameter sent: how much of it was sent; less than `restSize`.
    /// - Throws: when the file became shorter or cannot be read: what was sent so far is no package then.
    func piece(after sent: Int) async throws -> [UInt8] {
        let (offset, count) = (head.dataOffset + sent, min(Self.piece, restSize - sent))
        let bytes = try await NIOThreadPool.singleton.runIfActive { [descriptor] in
            try Self.read(descriptor, at: offset, count: count)
        }
        guard !bytes.isEmpty else { throw DebianPackageHead.Unfit(reason: "it became shorter") }
        return bytes
    }
}
