import Glibc
import Synchronization
import Testing

@testable import MusterAgent

/// Who listens on clamd's socket, as a test says: what each connection gets, then how it ends.
final class FakeClamd: Sendable {
    enum Manner: Sendable {
        /// Answers each command as written here; nothing for one that is not.
        case answering([String: [UInt8]])
        /// Takes the connection and says nothing, until this value goes.
        case silent
        /// A byte now and then, for ever.
        case dripping
        /// Bytes without end.
        case flooding
    }

    let path: String
    private let socket: Descriptor
    private let conduct: Conduct

    init(_ path: String, _ manner: Manner) throws {
        self.path = path
        let conduct = Conduct(manner)
        self.conduct = conduct
        unlink(path)
        socket = try #require(Descriptor(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let number = socket.number
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(isBound == 0 && listen(number, 8) == 0)
        let started = WatchThread.start { [socket] in Self.serve(socket, conduct) }
        try #require(started)
    }

    deinit { shutdown(socket.number, Int32(SHUT_RDWR)) }

    func behave(_ manner: Manner) { conduct.manner.withLock { $0 = manner } }

    private static func serve(_ socket: Descriptor, _ conduct: Conduct) {
        while true {
            guard let connection = Descriptor(accept(socket.number, nil, nil)) else { return }
            let manner = conduct.manner.withLock { $0 }
            _ = WatchThread.start { answer(connection, manner) }
        }
    }

    private static func answer(_ connection: Descriptor, _ manner: Manner) {
        func send(_ bytes: [UInt8]) -> Bool { Glibc.send(connection.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(connection.number, &buffer, buffer.count)
        guard count > 0 else { return }
        switch manner {
        case .answering(let answers):
            let command = String(decoding: buffer[..<count].dropFirst().prefix { $0 != 0 }, as: UTF8.self)
            // A byte comes with an open file.
            if command == "FILDES", count == "zFILDES\0".utf8.count { _ = read(connection.number, &buffer, 1) }
            if let answer = answers[command] { _ = send(answer) }
        // Until the other end is closed.
        case .silent: while read(connection.number, &buffer, buffer.count) > 0 {}
        case .dripping: while send([UInt8(ascii: "P")]) { usleep(50_000) }
        case .flooding:
            let bytes = [UInt8](repeating: UInt8(ascii: "P"), count: 64 * 1024)
            while send(bytes) {}
        }
    }

    private final class Conduct: Sendable {
        let manner: Mutex<Manner>
        init(_ manner: Manner) { self.manner = Mutex(manner) }
    }
}
