/// Which package of APT is meant: `NAME[:ARCHITECTURE][=VERSION]`. What apt would read otherwise than as a package's name is none: options, files,
/// a sign at the end that turns installing into removing, patterns.
package struct PackageName: Hashable, Sendable, LosslessStringConvertible {
    /// Longer names than any package has.
    private static let maximumBytes = 200

    package let name: String
    package let architecture: String?
    package let version: String?

    package init?(_ description: String) {
        guard description.utf8.count <= Self.maximumBytes else { return nil }
        let parts = description.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard Self.isName(names[0]) else { return nil }
        name = String(names[0])
        architecture = names.count > 1 ? String(names[1]) : nil
        version = parts.count > 1 ? String(parts[1]) : nil
        if let architecture, !Self.isWord(architecture, extra: "-") { return nil }
        if let version, !Self.isWord(version, extra: ".+:~-") || version.last == "+" { return nil }
    }

    package var description: String {
        name + (architecture.map { ":" + $0 } ?? "") + (version.map { "=" + $0 } ?? "")
    }

    /// Small letters and digits, then `+`, `-` and `.` too; at its end no hyphen.
    private static func isName(_ text: Substring) -> Bool {
        text.utf8.count >= 2 && isWord(text, extra: "+-.")
            && text.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Begins with a letter or a digit and does not end with a hyphen.
    private static func isWord(_ text: some StringProtocol, extra: String) -> Bool {
        text.utf8.first?.isASCIILetterOrDigit == true && text.last != "-"
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || extra.utf8.contains($0) }
    }
}
