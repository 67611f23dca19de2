extension Seeds {
    /// One of each kind, and the ways to be refused.
    static func schedules() -> [String: [UInt8]] {
        [
            "manual": "manual", "agent-start": "agent-start", "once": "once 2026-12-01 03:00", "every": "every 1h30m",
            "every-long": "every 366d", "daily": "Daily\t3:00", "weekly": "weekly mon,Thursday 22:15",
            "monthly": "monthly 31 04:00", "unknown-word": "dayly 03:00", "wrong-day": "once 2027-02-29 24:00",
        ].mapValues { Array($0.utf8) }
    }

    /// Each version, and each form of the rule at the end.
    static func zones() -> [String: [UInt8]] {
        let summer: [(second: Int64, type: UInt8)] = [(-1_000_000_000, 1), (1_774_746_000, 2), (1_792_890_000, 1)]
        return [
            "version-1": header(0, changes: 3) + block(width: 4, summer),
            "version-2": zone("2", summer, footer: "CET-1CEST,M3.5.0,M10.5.0/3"),
            "version-3": zone("3", [(-(1 << 40), 2)], footer: "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
            "version-4": zone("4", [], footer: "<+1030>-10:30<+11>-11,M10.1.0/2:00:30,M4.1.0"),
            "no-rule": zone("2", summer, footer: ""), "no-summer": zone("2", [], footer: "<+0545>-5:45"),
            "negative-summer": zone("2", [], footer: "IST-1GMT0,M10.5.0,M3.5.0/1"),
            "all-year": zone("3", [], footer: "EST5EDT,0/0,J365/25"),
            "leap-seconds": header(0, changes: 0, leapSeconds: 1) + block(width: 4, []) + [0, 0, 0, 0, 0, 0, 0, 1],
        ]
    }

    private static func zone(_ version: Character, _ changes: [(second: Int64, type: UInt8)], footer: String) -> [UInt8] {
        let version = version.asciiValue ?? 0
        return header(version, changes: 0) + block(width: 4, []) + header(version, changes: changes.count)
            + block(width: 8, changes) + Array("\n\(footer)\n".utf8)
    }

    private static func header(_ version: UInt8, changes: Int, leapSeconds: Int = 0) -> [UInt8] {
        Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            + [0, 0, leapSeconds, changes, 3, 4].flatMap { bytes(Int64($0), width: 4) }
    }

    /// Three types: local mean time, an hour ahead of UTC in winter, two in summer.
    private static func block(width: Int, _ changes: [(second: Int64, type: UInt8)]) -> [UInt8] {
        var block: [UInt8] = []
        for change in changes { block += bytes(change.second, width: width) }
        block += changes.map(\.type)
        block += bytes(5040, width: 4) + [0, 0]
        block += bytes(3600, width: 4) + [0, 0]
        block += bytes(7200, width: 4) + [1, 0]
        return block + Array("CET\0".utf8)
    }

    private static func bytes(_ number: Int64, width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
