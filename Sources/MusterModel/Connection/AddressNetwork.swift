/// A range of addresses: one address, or a network as `10.0.0.0/8` and `2001:db8::/32`. Bits behind the prefix do not count.
///
/// An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
package struct AddressNetwork: Hashable, Sendable {
    /// 4 or 16; those behind the prefix are 0.
    private let bytes: [UInt8]
    private let prefix: Int

    /// Nil when it is neither an address nor a network.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, let bytes = InternetAddress.bytes(address) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(\.isASCIIDigit), let number = Int(parts[1]),
                number <= prefix
            else { return nil }
            prefix = number
        }
        if prefix >= Self.mapped.count * 8, let embedded = Self.embedded(in: bytes) {
            self.init(bytes: embedded, prefix: prefix - Self.mapped.count * 8)
        } else {
            self.init(bytes: bytes, prefix: prefix)
        }
    }

    private init(bytes: [UInt8], prefix: Int) {
        self.bytes = Self.masked(bytes, prefix)
        self.prefix = prefix
    }

    /// False for what is no address; an interface after `%` does not count.
    package func contains(_ address: String) -> Bool {
        guard let written = InternetAddress.bytes(address) ?? InternetAddress.bytes(address.prefix { $0 != "%" }) else {
            return false
        }
        let bytes = Self.embedded(in: written) ?? written
        return bytes.count == self.bytes.count
            && bytes.indices.allSatisfy { bytes[$0] & Self.mask($0, prefix) == self.bytes[$0] }
    }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in byte & mask(index, prefix) }
    }

    /// The bits of the byte at `index` that lie before the end of the prefix.
    private static func mask(_ index: Int, _ prefix: Int) -> UInt8 { ~(UInt8.max >> UInt8(min(max(prefix - index * 8, 0), 8))) }

    /// What an IPv4 address begins with when it is written as IPv6 (RFC 4291, 2.5.5.2).
    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    private static func embedded(in bytes: [UInt8]) -> [UInt8]? {
        bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : nil
    }
}
