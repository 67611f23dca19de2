import Foundation

/// A page of the repository and its tables, for tests that hold what a page says against the code.
package struct MarkdownFile: Sendable {
    package let text: String
    /// The rows of all tables under each heading, cells trimmed, without the header and the line under it.
    private let rows: [String: [[String]]]

    /// - Parameter path: from the root of the repository.
    package init(_ path: String) throws {
        text = try RepositoryFile.text(path)
        rows = Self.rows(of: text)
    }

    package var headings: Set<String> { Set(rows.keys) }

    /// Empty when there is no such heading or no table under it.
    package func rows(under heading: String) -> [[String]] { rows[heading] ?? [] }

    private static func rows(of text: String) -> [String: [[String]]] {
        var rows: [String: [[String]]] = [:]
        var heading = ""
        var isInTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") {
                heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
                rows[heading, default: []] += []
            }
            let isRow = line.hasPrefix("|")
            if isRow, isInTable, !line.hasPrefix("|---") { rows[heading, default: []].append(cells(line)) }
            isInTable = isRow
        }
        return rows
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

extension String {
    /// A cell of a table without the backticks around it; nil when there are none.
    package var code: String? {
        guard count > 2, hasPrefix("`"), hasSuffix("`") else { return nil }
        return String(dropFirst().dropLast())
    }
}

/// A file of the repository the tests were built from.
package enum RepositoryFile {
    /// Three folders above this file.
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// - Parameter path: from the root.
    package static func path(_ path: String) -> String { root.appendingPathComponent(path).path }

    package static func text(_ path: String) throws -> String { try String(contentsOfFile: self.path(path), encoding: .utf8) }
}
