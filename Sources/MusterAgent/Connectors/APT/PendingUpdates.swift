import MusterModel

/// What `apt-get --simulate dist-upgrade` would do: which installed packages there are newer ones of. Reads its lines
/// `Inst NAME [OLD] (NEW ORIGIN, … [ARCHITECTURE])`; a package without an old version would be new, and is no update.
struct PendingUpdates: Hashable, Sendable {
    struct Update: Hashable, Sendable {
        var name: String
        /// One of its origins says that it is: `Debian-Security:12/stable-security`, `Ubuntu:24.04/noble-security`.
        var isSecurity: Bool
        /// As apt says them: `LABEL:VERSION/SUITE`, a word each but for spaces in the label.
        var origins: [String] = []

        func comes(from origin: PackageOrigin) -> Bool {
            origins.contains { text in
                guard let colon = text.firstIndex(of: ":") else { return false }
                let suite = text[text.index(after: colon)...].split(separator: "/", maxSplits: 1).last.map { String($0) }
                return text[..<colon] == origin.label && (origin.suite == nil || origin.suite == suite)
            }
        }
    }

    /// As apt says them.
    let all: [Update]

    init(_ output: String) {
        all = output.split(whereSeparator: \.isNewline).compactMap { Self.update($0) }
    }

    var security: [Update] { all.filter(\.isSecurity) }

    private static func update(_ line: Substring) -> Update? {
        let words = line.split(separator: " ")
        guard words.count >= 4, words[0] == "Inst", words[2].hasPrefix("[") else { return nil }
        guard let from = line.firstIndex(of: "("), let to = line[from...].firstIndex(of: ")") else { return nil }
        // The new version comes first, the architecture last.
        let inside = line[line.index(after: from)..<to].drop { $0 != " " }.prefix { $0 != "[" }
        let origins = inside.split(separator: ",").map { text in text.drop { $0 == " " } }.map { text in
            String(text.last == " " ? text.dropLast() : text)
        }
        return Update(
            name: String(words[1]), isSecurity: origins.contains { $0.lowercased().contains("security") }, origins: origins)
    }
}
