import Glibc
import NIOPosix

/// What a name resolves to, asked here and now.
package enum NameResolution: Hashable, Sendable {
    /// As text; not empty.
    case addresses([String])
    case failed
}

extension NameResolution {
    /// A resolver may try several servers for 5 s each: the person who waits is told after this long.
    private static let patience = Duration.seconds(5)

    /// By the system's resolver, on a thread of its pool, which may stay behind for a while when the resolver is silent.
    package static func system(_ name: String) async -> NameResolution {
        let (answers, answer) = AsyncStream.makeStream(of: NameResolution.self, bufferingPolicy: .bufferingOldest(1))
        NIOThreadPool.singleton.submit { state in
            if case .active = state { answer.yield(lookedUp(name)) }
            answer.finish()
        }
        return await withTaskGroup(of: NameResolution.self) { group in
            group.addTask { await answers.first { _ in true } ?? .failed }
            group.addTask {
                try? await Task.sleep(for: patience)
                return .failed
            }
            let first = await group.next() ?? .failed
            group.cancelAll()
            return first
        }
    }

    private static func lookedUp(_ name: String) -> NameResolution {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return .failed }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let info = next?.pointee {
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(info.ai_addr, info.ai_addrlen, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 {
                addresses.append(String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            next = info.ai_next
        }
        return addresses.isEmpty ? .failed : .addresses(addresses)
    }
}
