import Foundation
import MusterTestKit
import Synchronization

/// A way to a server on which what a device sends is slow. A thread of its own for each direction of each connection; ends with this value.
final class SlowRelay: Sendable {
    let place: String
    private let listener: Int32
    private let sent = Mutex(0)

    /// Bytes that devices have sent through it.
    var bytes: Int { sent.withLock { $0 } }

    /// - Parameter server: `ADDRESS:PORT`, IPv4.
    init(to server: String, bytesPerSecond: Int) async throws {
        let parts = server.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { throw FixtureError(description: "\(server) is no place") }
        listener = try Self.listen()
        place = "127.0.0.1:\(try Self.port(of: listener))"
        let (listener, host) = (listener, String(parts[0]))
        Thread.detachNewThread { [weak self] in
            while true {
                let device = accept(listener, nil, nil)
                guard device >= 0, let there = try? Self.connect(host, port) else { return }
                Thread.detachNewThread { Self.pass(there, device) { _ in } }
                Thread.detachNewThread { [weak self] in
                    // A piece every twentieth of a second.
                    Self.pass(device, there, piece: bytesPerSecond / 20) { count in
                        self?.sent.withLock { $0 += count }
                        usleep(50_000)
                    }
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func pass(_ from: Int32, _ to: Int32, piece: Int = 65_536, after: (Int) -> Void) {
        var buffer = [UInt8](repeating: 0, count: piece)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0, send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            after(count)
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func listen() throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // What waits in buffers is not slow: small ones.
        var size: Int32 = 8192
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard try withAddress("127.0.0.1", 0, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 16) == 0 else {
            throw FixtureError(description: "no port for the relay: \(errno)")
        }
        return listener
    }

    private static func connect(_ host: String, _ port: UInt16) throws -> Int32 {
        let there = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard try withAddress(host, port, { Glibc.connect(there, $0, $1) }) == 0 else {
            throw FixtureError(description: "the server is not there: \(errno)")
        }
        return there
    }

    private static func port(of descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw FixtureError(description: "no port: \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func withAddress(
        _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw FixtureError(description: "\(host) is no address") }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
