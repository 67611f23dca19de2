import Testing

@testable import MusterModel

@Suite("Zone files that are broken")
struct ZoneHostileTests {
    @Test("cut at any length, a file is refused", arguments: ["Europe/Warsaw", "Asia/Gaza", "Etc/UTC"])
    func truncations(zone: String) throws {
        let bytes = try ZoneOracleTests.bytes(zone)
        for length in bytes.indices {
            let error = try #require(throws: ZoneFileError.self, "\(length)") { try ZoneRules(file: Array(bytes[..<length])) }
            #expect(error.code == .cutShort, "\(length)")
        }
    }

    @Test("with changed bytes it is refused or has rules, and these answer", arguments: 0..<20 as Range<UInt64>)
    func changedBytes(seed: UInt64) throws {
        var random = Seeded(seed)
        let files = try ["Europe/Warsaw", "Africa/Casablanca", "Etc/UTC"].map { try ZoneOracleTests.bytes($0) }
        for _ in 0..<300 {
            var bytes = random.oneOf(files)
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8.random(in: 0...255, using: &random) }
            guard let rules = try? ZoneRules(file: bytes) else { continue }
            ask(rules, &random)
        }
    }

    @Test("bytes at the ends, where times and rules are, too", arguments: 0..<20 as Range<UInt64>)
    func changedFooters(seed: UInt64) {
        var random = Seeded(seed)
        let footer = "<+1030>-10:30<+11>-11,M10.1.0/2:30,J4"
        let signs = Array("<>+-:,./0123456789JMAZ\n".utf8)
        for _ in 0..<500 {
            var bytes = Array(footer.utf8)
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = random.oneOf(signs) }
            guard let parsed = try? ZoneFooterParser.parse(bytes) else { continue }
            ask(ZoneRules(earliest: 0, changes: [], footer: parsed), &random)
        }
    }

    private func ask(_ rules: ZoneRules, _ random: inout Seeded) {
        for second in [Int64.random(in: .min ... .max, using: &random) / 1000, Int64(random.below(4_000_000_000))] {
            #expect(ZoneRules.offsets.contains(rules.offset(atSecond: second)))
            if let next = rules.nextChange(afterSecond: second) { #expect(next > second) }
            let date = CivilDate(dayNumber: second.floored(by: 86_400).quotient)
            guard let time = TimeOfDay(hour: random.below(24), minute: random.below(60)) else { continue }
            let instant = rules.instant(of: LocalTime(date: date, time: time))
            #expect(instant.second + rules.offset(atSecond: instant.second) >= LocalTime(date: date, time: time).second)
        }
    }
}
