import Testing

@testable import MusterModel

@Suite("The rule at the end of a zone file")
struct ZoneFooterTests {
    private func offsets(_ footer: String, _ instants: [String]) throws -> [Int64] {
        let zone = try ZoneRules(footer: footer)
        return try instants.map { zone.offset(at: try #require(Timestamp($0))).components.seconds / 60 }
    }

    @Test("an offset alone, with a name in letters or in brackets")
    func plain() throws {
        #expect(try offsets("UTC0", ["2026-01-01T00:00:00Z"]) == [0])
        #expect(try offsets("<+0545>-5:45", ["2026-01-01T00:00:00Z"]) == [345])
        #expect(try offsets("<-03>3", ["2026-01-01T00:00:00Z"]) == [-180])
        #expect(try offsets("<-00>+24:59:59", ["2026-01-01T00:00:00Z"]) == [-1499])
    }

    @Test("summer time is an hour unless said, and changes at two unless said")
    func defaults() throws {
        let days = ["2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-11-01T05:59:59Z", "2026-11-01T06:00:00Z"]
        #expect(try offsets("EST5EDT,M3.2.0,M11.1.0", days) == [-300, -240, -240, -300])
        #expect(try offsets("EST5EDT4:00:00,M3.2.0/2,M11.1.0/2:00", days) == [-300, -240, -240, -300])
    }

    @Test("in the south summer lasts over the new year, and half an hour where it does")
    func lordHowe() throws {
        let days = ["2026-01-01T00:00:00Z", "2026-04-04T15:00:00Z", "2026-07-01T00:00:00Z", "2026-10-03T15:30:00Z"]
        #expect(try offsets("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", days) == [660, 630, 630, 660])
    }

    @Test("where winter is the exception, clocks are put back in autumn by it")
    func dublin() throws {
        let days = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z"]
        #expect(try offsets("IST-1GMT0,M10.5.0,M3.5.0/1", days) == [0, 60, 60, 0])
    }

    @Test("hours past the day and before it")
    func hours() throws {
        // Gaza 2026: the Saturday after the fourth Thursday of March is the 28th, 02:00.
        #expect(
            try offsets("EET-2EEST,M3.4.4/50,M10.4.4/50", ["2026-03-27T23:59:59Z", "2026-03-28T00:00:00Z"]) == [120, 180])
        // Nuuk 2026: an hour before the last Sunday of March is the 28th, 23:00.
        #expect(
            try offsets("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"]) == [-120, -60])
        #expect(try offsets("AAA0BBB,0/-167,100/167", ["2025-12-25T01:00:00Z", "2025-12-25T00:59:59Z"]) == [60, 0])
    }

    @Test("days by number, with February 29 counted and not")
    func numbered() throws {
        // Day 60 of those that leave out February 29 is March 1; day 59 of those that count it is it.
        let days = ["2027-02-28T23:00:00Z", "2027-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"]
        #expect(try offsets("AAA0BBB,J60/0,J200", days) == [0, 60, 0, 60])
        #expect(try offsets("AAA0BBB,59/0,J200", days) == [0, 60, 60, 60])
    }

    @Test("summer time all the year never ends")
    func allYear() throws {
        let days = (1...12).map { "2026-\($0.twoDigits)-01T04:00:00Z" }
        #expect(try Set(offsets("EST5EDT,0/0,J365/25", days + ["2027-01-01T04:30:00Z", "2027-01-01T05:00:00Z"])) == [-240])
    }

    @Test(
        "what is no rule is refused",
        arguments: [
            "C", "CE-1", "CET", "CET-", "CET-25", "CET-1:60", "CET-1:00:60", "CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0",
            "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,J366,J5", "CET-1CEST,366,5",
            "<CET-1", "<>-1", "<C T>-1", "CET--1", "CET-1CEST,M3.5.0/-168,M10.5.0", "CET-99999999999999999999", "ĆET-1", "C1T-1",
            "CET-1CEST,99999999999999999999,5",
        ])
    func refused(text: String) {
        #expect(throws: ZoneFileError.self) { try ZoneFooterParser.parse(text.utf8) }
    }

    @Test("a long one is refused with a short reason")
    func long() throws {
        let text = String(repeating: "A", count: 100_000)
        let error = try #require(throws: ZoneFileError.self) { try ZoneFooterParser.parse(text.utf8) }
        #expect(error.code == .wrongFooter && error.reason.utf8.count < 200)
    }
}
