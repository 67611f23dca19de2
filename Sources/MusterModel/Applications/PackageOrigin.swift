/// Where packages come from, as the `Release` file of their repository says it: `LABEL` or `LABEL:SUITE`.
package struct PackageOrigin: Hashable, Sendable, LosslessStringConvertible {
    private static let maximumBytes = 200

    package let label: String
    /// Nil: any.
    package let suite: String?

    package init?(_ description: String) {
        guard description.utf8.count <= Self.maximumBytes else { return nil }
        let parts = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        label = String(parts[0])
        suite = parts.count > 1 ? String(parts[1]) : nil
        guard Self.isPart(label, extra: " ._+~-"), suite.map({ Self.isPart($0, extra: "._+~/-") }) ?? true else { return nil }
    }

    package var description: String { label + (suite.map { ":" + $0 } ?? "") }

    /// Nothing that means something in apt's configuration.
    private static func isPart(_ text: String, extra: String) -> Bool {
        text.utf8.first?.isASCIILetterOrDigit == true && text.last != " "
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || extra.utf8.contains($0) }
    }
}
