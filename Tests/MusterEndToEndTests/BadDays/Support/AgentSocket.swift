import Foundation
import Glibc

/// The agent's control socket, spoken by hand: starting a program for each event would be most of the load. Calls block.
final class AgentSocket {
    /// Over what the agent allows itself for an answer.
    private static let patience = 130

    private let descriptor: Int32

    /// Nil when nobody listens.
    init?(_ stateDirectory: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, Self.connect(descriptor, to: stateDirectory + "/agent.sock") else { return nil }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Returns: the answer; nil when the connection broke before it came.
    func ask(_ request: [String: Any]) -> [String: Any]? {
        guard send(request), let line = readLine() else { return nil }
        return (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
    }

    /// Asks and does not wait for the answer.
    @discardableResult
    func send(_ request: [String: Any]) -> Bool {
        guard let body = try? JSONSerialization.data(withJSONObject: request) else { return false }
        var rest = Array(body + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private func readLine() -> Data? {
        var line = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while line.last != UInt8(ascii: "\n") {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            line.append(contentsOf: buffer[..<count])
        }
        return line
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        } == 0
    }
}
