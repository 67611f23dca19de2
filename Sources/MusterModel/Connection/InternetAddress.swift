/// Whether a text is an IP address, by its form alone.
package enum InternetAddress {
    package static func isIPv4(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isDigit) && UInt8($0) != nil }
    }

    /// RFC 4291, without brackets and without an interface after `%`.
    package static func isIPv6(_ text: some StringProtocol) -> Bool {
        let halves = text.components(around: "::")
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated() {
                let isLast = index == halves.count - 1 && place == parts.count - 1
                if isLast, isIPv4(part) {
                    groups += 2
                } else if (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups < 8 : groups == 8
    }
}

extension StringProtocol {
    /// Split wherever `::` stands.
    fileprivate func components(around mark: String) -> [Substring] {
        var result: [Substring] = []
        var rest = Substring(self)
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix(mark) }) {
            result.append(rest[..<start])
            rest = rest[start...].dropFirst(mark.count)
        }
        return result + [rest]
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
