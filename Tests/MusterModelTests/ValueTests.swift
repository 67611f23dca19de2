import FoundationEssentials
import Testing

@testable import MusterModel

@Suite("Instants and durations")
struct TimeTests {
    @Test(
        "an instant as text and back",
        arguments: [
            (1_795_530_600_250, "2026-11-24T14:30:00.250Z"), (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (5, "1970-01-01T00:00:00.005Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func instantText(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
    }

    @Test("other forms of RFC 3339 are read, other texts are not")
    func instantForms() {
        #expect(Timestamp("1970-01-01T00:00:01Z") == Timestamp(milliseconds: 1000))
        #expect(Timestamp("1970-01-01T02:00:00.5+02:00") == Timestamp(milliseconds: 500))
        for text in ["", "now", "1970-01-01", "1970-13-01T00:00:00Z", "99999999999999-01-01T00:00:00Z", "Z", "."] {
            #expect(Timestamp(text) == nil, "\(text)")
        }
    }

    @Test("sums and differences saturate")
    func saturation() {
        let (least, most) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        let (shortest, longest) = (Duration.milliseconds(Int64.min), Duration.milliseconds(Int64.max))
        let zero = Timestamp(milliseconds: 0)
        #expect(most + longest == most && least + shortest == least)
        #expect(least - longest == least && most - shortest == most)
        #expect(zero - shortest == most && zero + shortest == least)
        #expect(most - least == longest && least - most == shortest)
        #expect(Duration.seconds(Int64.max).milliseconds == .max && Duration.seconds(Int64.min).milliseconds == .min)
        #expect(Timestamp(least.description) != nil)
        #expect(most.description == "9999-12-31T23:59:59.999Z")
    }

    @Test(
        "a duration as people write it and back",
        arguments: [(900, "15m"), (5400, "1h30m"), (90_061, "1d1h1m1s"), (0, "0s"), (59, "59s"), (86_400, "1d")]
            as [(Int64, String)])
    func durationText(seconds: Int64, text: String) {
        #expect(Duration(text: text) == .seconds(seconds))
        #expect(Duration.seconds(seconds).text == text)
    }

    @Test(
        "texts that are no duration",
        arguments: ["", "5", "m", "5x", "-5m", "5 m", "1.5h", "9999999999s", "999999999d", "٣m", "5m5"])
    func noDuration(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test("the interval: from a minute to a day")
    func interval() {
        #expect(SyncInterval.standard.duration == .minutes(15))
        #expect(SyncInterval(checking: .minutes(1)) != nil && SyncInterval(checking: .hours(24)) != nil)
        #expect(SyncInterval(checking: .seconds(59)) == nil && SyncInterval(checking: .hours(24) + .milliseconds(1)) == nil)
    }
}

@Suite("Ids, digests and fingerprints")
struct IdentifierTests {
    @Test("an id is a version 4 UUID: 16 bytes, lower-case hyphened text")
    func id() throws {
        for _ in 0..<100 {
            let id = DeviceID.random()
            #expect(id.bytes.count == 16 && id.bytes[6] >> 4 == 4 && id.bytes[8] >> 6 == 2)
            #expect(DeviceID(bytes: id.bytes) == id && DeviceID(id.description) == id)
            #expect(DeviceID(id.description.uppercased()) == id && id.description == id.description.lowercased())
        }
        let known = try #require(DeviceID(bytes: (0..<16).map { UInt8($0) }))
        #expect(known.description == "00010203-0405-0607-0809-0a0b0c0d0e0f")
        #expect(DeviceID(bytes: [1, 2, 3]) == nil && DeviceID(bytes: [UInt8](repeating: 0, count: 17)) == nil)
        for text in ["", "00010203-0405-0607-0809-0a0b0c0d0e0", "g0010203-0405-0607-0809-0a0b0c0d0e0f"] {
            #expect(DeviceID(text) == nil)
        }
    }

    @Test("a digest has 16 bytes, a fingerprint 32")
    func lengths() {
        for count in [0, 15, 16, 17, 31, 32, 33] {
            let bytes = [UInt8](repeating: 0xab, count: count)
            #expect((Digest(bytes: bytes) != nil) == (count == 16))
            #expect((Fingerprint(bytes: bytes) != nil) == (count == 32))
            #expect(Digest(truncating: bytes).bytes.count == 16)
        }
        let text = String(repeating: "ab", count: 32)
        #expect(Fingerprint(text)?.description == text && Fingerprint(text.uppercased())?.description == text)
        #expect(Fingerprint("AB" + String(repeating: ":ab", count: 31))?.description == text)
        #expect(Fingerprint(text + "a") == nil && Fingerprint("x" + text.dropFirst()) == nil)
    }

    @Test("hexadecimal")
    func hexadecimal() {
        #expect(Hexadecimal.text([0, 0x9f, 0xff]) == "009fff")
        #expect(Hexadecimal.bytes("009FfF") == [0, 0x9f, 0xff] && Hexadecimal.bytes("") == [])
        for text in ["0", "0g", "é", "１２", " 1"] { #expect(Hexadecimal.bytes(text) == nil) }
    }
}

@Suite("The vocabulary")
struct VocabularyTests {
    @Test("codes and numbers of close reasons are unique and stay")
    func closeReasons() {
        for reason in CloseReason.allCases { #expect(CloseReason(code: reason.code) == reason) }
        #expect(Set(CloseReason.allCases.map(\.code)).count == CloseReason.allCases.count)
        #expect(CloseReason(code: "other") == nil)
        #expect(
            CloseReason.done.rawValue == 1 && CloseReason.unknownCertificate.rawValue == 41 && CloseReason.busy.rawValue == 102)
    }

    @Test("documents: the device reports below 32, the server desires from 32 on")
    func documents() {
        #expect(
            DocumentName.reported.map(\.rawValue) == [1, 2, 3, 4, 5, 6] && DocumentName.desired.map(\.rawValue) == [32, 33, 34])
        #expect(DocumentName.system < .agent)
    }

    @Test("which codes may name an event")
    func eventTypes() {
        for type in ["a", "agent-started", "clamav.threat-found", "0", String(repeating: "z", count: 64)] {
            #expect(DeviceEvent.isValid(type: type))
        }
        for type in ["", "A", "a b", "a_b", "ä", "a\0", String(repeating: "z", count: 65)] {
            #expect(!DeviceEvent.isValid(type: type))
        }
    }

    @Test("an event takes one number, a gap its count")
    func numbers() {
        let gap = EventGap(counts: [:], from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 0))
        #expect(NumberedEvent(first: EventSequence(epoch: 1, number: 5), stamp: 1, content: .gap(gap)).last == 5)
        #expect(NumberedEvent(first: EventSequence(epoch: 1, number: 5), count: 10, stamp: 1, content: .gap(gap)).last == 14)
    }

    @Test("parameters in JSON")
    func parameters() throws {
        let parameters: Parameters = [
            "a": .text("x"), "b": .integer(.min), "c": .time(Timestamp(milliseconds: 5)), "d": .duration(.milliseconds(-1500)),
        ]
        let data = try JSONEncoder().encode(parameters)
        #expect(try JSONDecoder().decode(Parameters.self, from: data) == parameters)
        let known = #"{"durationSeconds":1.5}"#
        #expect(try JSONDecoder().decode(ParameterValue.self, from: Data(known.utf8)) == .duration(.milliseconds(1500)))
        for text in [#"{"durationSeconds":1e300}"#, #"{"durationSeconds":-1e300}"#, "{}", #"{"integer":"x"}"#, #"{"time":"x"}"#] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(ParameterValue.self, from: Data(text.utf8)) }
        }
    }

    @Test("severities rise; their codes and JSON are their names")
    func severities() throws {
        #expect(Severity.allCases.sorted() == [.info, .warning, .error, .critical])
        #expect(try JSONDecoder().decode([Severity].self, from: JSONEncoder().encode(Severity.allCases)) == Severity.allCases)
        #expect(Severity(code: "fatal") == nil)
    }

    @Test(
        "sizes of applications to four significant bits",
        arguments: [
            (0, 0), (1, 1), (15, 15), (16, 16), (17, 18), (31, 32), (277 * 1024, 288 * 1024), (1000, 1024), (975, 960),
            (.max, 15 << 60),
        ] as [(UInt64, UInt64)])
    func roundedSizes(size: UInt64, rounded: UInt64) {
        let application = InstalledApplication(source: "dpkg", name: "a", version: "1", size: size)
        #expect(application.withRoundedSize.size == rounded)
        #expect(application.withRoundedSize.withRoundedSize.size == rounded)
    }
}
