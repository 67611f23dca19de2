import Glibc
import MusterModel
import NIOPosix

/// Looks a name up as connections do: the system's own resolver, with its hosts file, DNS and whatever else is configured.
enum NameProbe {
    static let timeout = Duration.seconds(10)

    /// - Returns: addresses in the order they would be tried, each once.
    static func resolve(_ host: String) async -> Result<[String], NameFailure> {
        let found = await Bounded.first(within: timeout) {
            // Blocks, for a minute where no DNS server answers: on a thread for that.
            try? await NIOThreadPool.singleton.runIfActive { lookUp(host) }
        }
        return (found ?? nil) ?? .failure(.noAnswer("no answer within \(timeout.text)"))
    }

    private static func lookUp(_ host: String) -> Result<[String], NameFailure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let words = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
            let isKnownMissing = status == EAI_NONAME || status == EAI_FAIL
            return .failure(isKnownMissing ? .unknown(words) : .noAnswer(words))
        }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            if let address = text(of: entry), !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses.isEmpty ? .failure(.unknown("it has no address")) : .success(addresses)
    }

    private static func text(of entry: addrinfo) -> String? {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(entry.ai_addr, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
