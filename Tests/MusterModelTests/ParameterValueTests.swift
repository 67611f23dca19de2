import FoundationEssentials
import MusterModel
import Testing

@Suite("Parameters in JSON")
struct ParameterValueTests {
    @Test(
        "each kind survives",
        arguments: [
            .text("żółw"), .integer(.min), .time(Timestamp(milliseconds: 1_795_530_600_250)), .duration(.milliseconds(-1500)),
        ] as [ParameterValue])
    func roundTrip(value: ParameterValue) throws {
        #expect(try JSONDecoder().decode(ParameterValue.self, from: JSONEncoder().encode(value)) == value)
    }

    @Test("a duration past all bounds is refused", arguments: ["1e300", "-1e300", "9.3e15", "1e16"])
    func tooLong(seconds: String) {
        let json = Data("{\"durationSeconds\":\(seconds)}".utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ParameterValue.self, from: json) }
    }

    @Test("what is no parameter is refused", arguments: ["{}", "[]", "3", #"{"integer":"3"}"#, #"{"time":"now"}"#])
    func garbage(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ParameterValue.self, from: Data(json.utf8)) }
    }
}
