import Foundation
import Testing

@testable import MusterModel

@Suite("Zone rules against Python's zoneinfo")
struct ZoneOracleTests {
    static let folder = "/usr/share/zoneinfo"

    static let zones = [
        "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "America/Caracas", "America/New_York", "America/Nuuk",
        "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Asia/Gaza", "Asia/Jerusalem",
        "Asia/Kathmandu", "Asia/Pyongyang", "Asia/Tehran", "Asia/Tokyo", "Australia/Lord_Howe", "Etc/UTC", "Europe/Dublin",
        "Europe/Moscow", "Europe/Warsaw", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kwajalein",
    ]

    static func bytes(_ zone: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(zone)")))
    }

    @Test("offsets change when it sees them change, from 1970 to 2100, and local times come when it says", arguments: zones)
    func agrees(zone: String) async throws {
        let rules = try ZoneRules(file: Self.bytes(zone))
        let oracle = try await ZoneOracle(file: "\(Self.folder)/\(zone)", seed: 5)
        #expect(Self.offsets(rules) == oracle.offsets.map { "\($0.second): \($0.offset)" })
        #expect(oracle.locals.count >= 300)
        for (local, instant) in oracle.locals {
            let (day, second) = local.floored(by: 86_400)
            let time = try #require(TimeOfDay(hour: Int(second / 3600), minute: Int(second % 3600 / 60)))
            #expect(
                rules.instant(of: LocalTime(date: CivilDate(dayNumber: day), time: time)) == Timestamp(second: instant),
                "\(CivilDate(dayNumber: day)) \(time)")
        }
    }

    /// Only changes that change something, as the oracle has them.
    private static func offsets(_ rules: ZoneRules) -> [String] {
        let end: Int64 = 4_102_444_800
        var last = rules.offset(atSecond: 0)
        var offsets = ["0: \(last)"]
        var second: Int64 = 0
        while let next = rules.nextChange(afterSecond: second), next < end {
            let offset = rules.offset(atSecond: next)
            if offset != last { offsets.append("\(next): \(offset)") }
            (last, second) = (offset, next)
        }
        return offsets
    }

    @Test("every zone of this system can be read")
    func all() throws {
        let names = try #require(FileManager.default.enumerator(atPath: Self.folder)).compactMap { $0 as? String }
        let zones = names.filter { name in
            name.first?.isUppercase == true && (try? Self.bytes(name).starts(with: "TZif".utf8)) == true
        }
        #expect(zones.count > 200)
        for zone in zones { #expect(throws: Never.self, "\(zone)") { try ZoneRules(file: Self.bytes(zone)) } }
    }

    @Test(
        "zones that count leap seconds are refused, with what to do",
        .enabled(if: FileManager.default.fileExists(atPath: "\(folder)/right/Europe/Warsaw")))
    func right() throws {
        let bytes = try Self.bytes("right/Europe/Warsaw")
        let error = try #require(throws: ZoneFileError.self) { try ZoneRules(file: bytes) }
        #expect(error.code == .leapSeconds && error.reason.contains("'right/'"))
    }
}
