import Glibc

/// The addresses the device is reached at: of interfaces that are up, without loopback, link-local ones, and those IPv6 privacy
/// extensions draw anew every day.
enum DeviceAddresses {
    /// IPv4 before IPv6, each sorted by its bytes.
    static func read(_ root: RootPath) -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        let passing = passingAddresses(root.lines("proc/net/if_inet6"))
        var found: Set<[UInt8]> = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr,
                let bytes = bytes(of: address), isReported(bytes), !passing.contains(bytes)
            else { continue }
            found.insert(bytes)
        }
        return found.sorted(by: precedes).compactMap(text)
    }

    /// Not loopback (127/8, ::1), not link-local (169.254/16, fe80::/10), not the unspecified address.
    static func isReported(_ bytes: [UInt8]) -> Bool {
        guard bytes.contains(where: { $0 != 0 }) else { return false }
        if bytes.count == 4 { return bytes[0] != 127 && !(bytes[0] == 169 && bytes[1] == 254) }
        let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        return !isLoopback && !(bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
    }

    /// Those `/proc/net/if_inet6` marks as temporary (flag 1), deprecated (0x20) or tentative (0x40): they go by themselves.
    static func passingAddresses(_ lines: [Substring]) -> Set<[UInt8]> {
        var passing: Set<[UInt8]> = []
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count >= 5, words[0].utf8.count == 32, let flags = UInt32(words[4], radix: 16), flags & 0x61 != 0
            else { continue }
            var bytes: [UInt8] = []
            var rest = words[0]
            while let byte = UInt8(rest.prefix(2), radix: 16) {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            passing.insert(bytes)
        }
        return passing
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }

    private static func bytes(of address: UnsafePointer<sockaddr>) -> [UInt8]? {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        // Where sin_addr and sin6_addr are: the names belong to another module whenever it declares them too.
        case AF_INET: return Array(UnsafeRawBufferPointer(start: raw + 4, count: 4))
        case AF_INET6: return Array(UnsafeRawBufferPointer(start: raw + 8, count: 16))
        default: return nil
        }
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
