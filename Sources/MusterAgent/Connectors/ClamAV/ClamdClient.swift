import CDescriptor
import Glibc
import MusterModel
import NIOPosix

/// Asks clamd over its Unix socket: one command a connection, `zCOMMAND`, and an answer that ends with a zero byte or the connection. What
/// comes is bounded in time and in length, whatever listens there.
struct ClamdClient: Sendable {
    enum Answer: Hashable, Sendable {
        /// Nobody listens: no socket, or one that nobody has open.
        case absent
        /// It took the connection and did not answer in time, or in whole.
        case silent
        /// Without the zero byte.
        case text(String)
    }

    /// STATS of 256 threads at work, each with the name of a file of 4 KiB at most, is the longest one asked for here.
    static let longestAnswer = 2 * 1024 * 1024
    /// What a name of a Unix socket has room for, with its zero byte.
    static let longestPath = 107

    let path: String

    /// - Parameter command: as `PING`; without a zero byte.
    func ask(_ command: String, within time: Duration) async -> Answer {
        let path = path
        let answer = try? await NIOThreadPool.singleton.runIfActive { Self.ask(path, command, within: time) }
        return answer ?? .silent
    }

    // MARK: On a thread that may wait

    /// Has an open file scanned, whoever may read it otherwise. Blocks. - Returns: `fd[N]: OK`, `fd[N]: SIGNATURE FOUND`, `… ERROR`.
    func scan(_ file: Descriptor, within time: Duration) -> Answer {
        Self.ask(path, "FILDES", handing: file, within: time)
    }

    private static func ask(
        _ path: String, _ command: String, handing file: Descriptor? = nil, within time: Duration
    ) -> Answer {
        let deadline = ContinuousClock.now + time
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard let socket = Descriptor(Glibc.socket(AF_UNIX, kind, 0)) else { return .silent }
        while !connect(socket, path) {
            // Its queue of connections is full: it is there.
            guard errno == EAGAIN else { return .absent }
            guard ContinuousClock.now + .milliseconds(20) < deadline else { return .silent }
            usleep(20_000)
        }
        guard send(Array("z\(command)\0".utf8), over: socket, before: deadline) else { return .silent }
        if let file {
            guard wait(for: POLLOUT, on: socket, before: deadline), muster_send_descriptor(socket.number, file.number) == 0 else {
                return .silent
            }
        }
        return receive(from: socket, before: deadline)
    }

    private static func connect(_ socket: Descriptor, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= longestPath else {
            errno = ENAMETOOLONG
            return false
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let length = socklen_t(MemoryLayout<sockaddr_un>.size)
                return SystemCall.retrying { Glibc.connect(socket.number, pointer, length) } == 0
            }
        }
    }

    private static func send(_ bytes: [UInt8], over socket: Descriptor, before deadline: ContinuousClock.Instant) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard wait(for: POLLOUT, on: socket, before: deadline) else { return false }
            let count = rest.withUnsafeBytes { bytes in
                SystemCall.retrying { Glibc.send(socket.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func receive(from socket: Descriptor, before deadline: ContinuousClock.Instant) -> Answer {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= longestAnswer {
            guard wait(for: POLLIN, on: socket, before: deadline) else { return .silent }
            let count = SystemCall.retrying { read(socket.number, &buffer, buffer.count) }
            guard count >= 0 else { return .silent }
            let end = buffer[..<count].firstIndex(of: 0)
            bytes += buffer[..<(end ?? count)]
            if end != nil || count == 0 { return bytes.isEmpty ? .silent : .text(String(decoding: bytes, as: UTF8.self)) }
        }
        return .silent
    }

    private static func wait(for events: Int32, on socket: Descriptor, before deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline).milliseconds
            guard left > 0 else { return false }
            var polled = pollfd(fd: socket.number, events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(clamping: left))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
