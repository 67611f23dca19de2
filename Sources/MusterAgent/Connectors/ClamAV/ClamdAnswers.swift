/// What clamd says to `VERSION`: `ClamAV 1.4.6/27500/Wed Nov 25 09:30:00 2026`, or the first of it alone without an official database.
struct ClamdVersion: Hashable, Sendable {
    let engine: String
    /// Of the official databases.
    let database: Int64?

    /// Nil for what is no version.
    init?(_ text: String) {
        guard text.hasPrefix("ClamAV ") else { return nil }
        let parts = text.dropFirst("ClamAV ".count).prefix { !$0.isNewline }.split(
            separator: "/", omittingEmptySubsequences: false)
        guard let engine = parts.first, !engine.isEmpty else { return nil }
        self.engine = String(engine.prefix(64))
        database = parts.count > 1 ? Int64(parts[1]) : nil
    }
}

/// What clamd says to `STATS`: how many of its threads work, and how much waits for them. Pools are added up.
struct ClamdStats: Hashable, Sendable {
    private(set) var threadsAlive: Int64 = 0
    private(set) var threadsIdle: Int64 = 0
    private(set) var threadsMaximum: Int64 = 0
    private(set) var queued: Int64 = 0

    /// Nil for what does not end as it should: it was cut, or is something else.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard text.hasPrefix("POOLS:"), lines.last == "END" else { return nil }
        for line in lines {
            // `THREADS: live 1  idle 0 max 10 idle-timeout 30`
            let words = line.split(separator: " ")
            if words.first == "THREADS:" {
                threadsAlive = Self.sum(threadsAlive, Self.number(after: "live", words))
                threadsIdle = Self.sum(threadsIdle, Self.number(after: "idle", words))
                threadsMaximum = Self.sum(threadsMaximum, Self.number(after: "max", words))
            } else if words.first == "QUEUE:", words.count > 1 {
                queued = Self.sum(queued, Int64(words[1]) ?? 0)
            }
        }
    }

    private static func number(after name: Substring, _ words: [Substring]) -> Int64 {
        guard let place = words.firstIndex(of: name), place + 1 < words.count else { return 0 }
        return Int64(words[place + 1]) ?? 0
    }

    /// Threads are thousands at most: what does not fit is made up.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        (0...1_000_000).contains(right) ? min(left + right, 1_000_000_000) : left
    }
}
