/// What `apt-get --simulate dist-upgrade` would do: which installed packages there are newer ones of. Reads its lines
/// `Inst NAME [OLD] (NEW ORIGIN, … [ARCHITECTURE])`; a package without an old version would be new, and is no update.
struct PendingUpdates: Hashable, Sendable {
    struct Update: Hashable, Sendable {
        var name: String
        /// One of its origins says that it is: `Debian-Security:12/stable-security`, `Ubuntu:24.04/noble-security`.
        var isSecurity: Bool
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
        let origins = line[from..<to].split(separator: " ").dropFirst()
        return Update(
            name: String(words[1]), isSecurity: origins.contains { $0.lowercased().contains("security") })
    }
}
