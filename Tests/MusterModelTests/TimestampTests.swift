import MusterModel
import Testing

@Suite("Instants and durations")
struct TimestampTests {
    @Test("arithmetic saturates instead of trapping: both sides may come from a device")
    func saturation() {
        let ends = [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for left in ends {
            for right in ends {
                _ = Timestamp(milliseconds: left) + .milliseconds(right)
                _ = Timestamp(milliseconds: left) - .milliseconds(right)
                _ = Timestamp(milliseconds: left) - Timestamp(milliseconds: right)
                _ = Timestamp(milliseconds: left).description
            }
        }
        #expect(Timestamp(milliseconds: 5) - .milliseconds(Int64.min) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: -5) - .milliseconds(Int64.min) == Timestamp(milliseconds: .max - 4))
        #expect(Timestamp(milliseconds: .max) + .seconds(Int64.max) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: .min) + .seconds(Int64.min) == Timestamp(milliseconds: .min))
    }

    @Test("text survives, to the millisecond")
    func text() throws {
        for text in [
            "2026-11-24T14:30:00.250Z", "1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z",
        ] {
            #expect(Timestamp(text)?.description == text)
        }
        #expect(Timestamp("2026-11-24T15:30:00+01:00")?.description == "2026-11-24T14:30:00.000Z")
    }

    @Test(
        "what is no time is refused and traps nothing",
        arguments: [
            "", "now", "2026-11-24", "2026-13-24T00:00:00Z", "99999999999999999999-01-01T00:00:00Z",
            "999999999999-01-01T00:00:00.5Z",
            "2026-11-24T14:30:00.99999999999999999999999999Z", "2026-11-24T14:30:00", "2026-11-24T99:99:99Z",
            "-2026-01-01T00:00:00Z",
            "2026-11-24T14:30:00+99:99", "2026-11-24T14:30:00.Z",
        ])
    func badText(_ text: String) {
        if let read = Timestamp(text) { #expect(Timestamp(read.description) == read, "\(text) read as \(read)") }
    }
}
