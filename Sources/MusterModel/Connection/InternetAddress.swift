/// Whether a text is an IP address, by its form alone, and the bytes it stands for.
package enum InternetAddress {
    /// The longest is `0000:0000:0000:0000:0000:ffff:255.255.255.255`.
    private static let maximumBytes = 45

    package static func isIPv4(_ text: some StringProtocol) -> Bool { bytes(text)?.count == 4 }

    /// RFC 4291, without brackets and without an interface after `%`.
    package static func isIPv6(_ text: some StringProtocol) -> Bool { bytes(text)?.count == 16 }

    /// Four of an IPv4 address, sixteen of an IPv6 address; nil for anything else.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count <= maximumBytes else { return nil }
        let characters = Array(text.utf8)
        return characters.contains(colon) ? bytes(ofIPv6: characters[...]) : bytes(ofIPv4: characters[...])
    }

    private static let colon = UInt8(ascii: ":")

    private static func bytes(ofIPv4 text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let bytes = parts.compactMap { number($0, digits: 3, base: 10).flatMap { UInt8(exactly: $0) } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// `::` stands once, for as many groups of zeros as are missing, at least one.
    private static func bytes(ofIPv6 text: ArraySlice<UInt8>) -> [UInt8]? {
        let gap = text.indices.first { text[$0] == colon && text[$0...].dropFirst().first == colon }
        guard let gap else { return groups(text, isLast: true).flatMap { $0.count == 16 ? $0 : nil } }
        guard let head = groups(text[..<gap], isLast: false), let tail = groups(text[(gap + 2)...], isLast: true),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Groups with colons between them; the last of the address may be an IPv4 address.
    private static func groups(_ text: ArraySlice<UInt8>, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for group in text.split(separator: colon, omittingEmptySubsequences: false) {
            if let number = number(group, digits: 4, base: 16) {
                bytes += [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            } else if isLast, group.endIndex == text.endIndex, let embedded = self.bytes(ofIPv4: group) {
                bytes += embedded
            } else {
                return nil
            }
        }
        return bytes
    }

    /// - Parameter digits: at most so many, at least one; four of base 16 fit.
    private static func number(_ text: ArraySlice<UInt8>, digits: Int, base: UInt16) -> UInt16? {
        guard (1...digits).contains(text.count) else { return nil }
        var number: UInt16 = 0
        for character in text {
            guard let digit = digit(character), digit < base else { return nil }
            number = number &* base &+ digit
        }
        return number
    }

    private static func digit(_ character: UInt8) -> UInt16? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(character - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(character - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
