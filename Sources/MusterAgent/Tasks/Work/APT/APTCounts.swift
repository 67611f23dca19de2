/// What apt is about to do, as it says in one line: `1 upgraded, 2 newly installed, 0 to remove and 3 not upgraded.`
struct APTCounts: Hashable, Sendable {
    private(set) var figures: [String: Int64] = [:]

    private static let names = [
        "upgraded": "upgraded", "newly installed": "installed", "to remove": "removed", "not upgraded": "notUpgraded",
        "downgraded": "downgraded", "reinstalled": "reinstalled",
    ]

    /// Empty where it did not say so.
    init(_ output: String) {
        let lines = output.split(whereSeparator: \.isNewline)
        guard let line = lines.last(where: { $0.contains(" newly installed, ") && $0.hasSuffix(" not upgraded.") }) else {
            return
        }
        for part in line.dropLast().split(separator: ",").flatMap({ Self.parts($0) }) {
            let words = part.split(separator: " ")
            guard let count = words.first.flatMap({ Int64($0) }), let name = Self.names[words.dropFirst().joined(separator: " ")]
            else { continue }
            figures[name] = count
        }
    }

    /// The last two stand with `and` between them.
    private static func parts(_ text: Substring) -> [Substring] {
        let words = text.split(separator: " ")
        guard let and = words.firstIndex(of: "and") else { return [text] }
        return [words[..<and], words[(and + 1)...]].map { Substring($0.joined(separator: " ")) }
    }
}
