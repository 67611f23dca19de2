import MusterModel
import Testing

@Suite("JSON as connectors say it")
struct JSONValueTests {
    private func read(_ text: String) -> Result<JSONValue, JSONFault> {
        Result { () throws(JSONFault) in try JSONValue(json: Array(text.utf8)) }
    }

    private func fault(_ text: String) -> String? { if case .failure(let fault) = read(text) { fault.text } else { nil } }

    @Test func everyKindOfValueIsRead() {
        let text = #" { "a" : [ 1 , -2 , true , false , null , "x" ] , "b" : {} , "c" : [] } "#
        let list: [JSONValue] = [.number(1), .number(-2), .flag(true), .flag(false), .null, .text("x")]
        #expect(read(text) == .success(.object(["a": .list(list), "b": .object([:]), "c": .list([])])))
    }

    @Test func escapesAreCharacters() {
        #expect(read(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#) == .success(.text("\"\\/\u{8}\u{c}\n\r\té😀")))
    }

    @Test func whatIsWrittenIsInOneFormAlone() throws {
        let value = try read(#"{"b": 1, "a": {"y": "é\n", "x": [ ]}}"#).get()
        #expect(String(decoding: value.json, as: UTF8.self) == #"{"a":{"x":[],"y":"é\u000a"},"b":1}"#)
        #expect(try JSONValue(json: value.json) == value)
    }

    @Test(arguments: [
        ("", "it ends too early"), ("{", "the name of a member is missing"), ("[1", "']' is missing"),
        ("1 2", "something follows"),
        ("1.5", "numbers are whole"), ("1e3", "numbers are whole"), ("01", "no number"), ("9223372036854775808", "no number"),
        ("-", "no value begins like this"), ("nul", "no value begins like this"), ("x", "no value begins like this"),
        (#"{"a": 1, "a": 2}"#, "'a' comes twice"), (#"{"a" 1}"#, "':' is missing"), (#"{"a": 1"#, "'}' is missing"),
        (#"{1: 2}"#, "the name of a member is missing"), ("[1,]", "no value begins like this"), (#""a"#, "a text does not end"),
        ("\"a\u{1}\"", "control character"), (#""\x""#, "no such escape"), (#""\u12g4""#, "four hexadecimal digits"),
        (#""\ud83d""#, "half a character"), (#""\ude00""#, "half a character"), (#""\ud83d\u0041""#, "half a character"),
        (#""\u00"#, "four hexadecimal digits"), (#""\"#, "a text does not end"),
    ])
    func whatIsNoneIsRefusedWithTheReason(_ text: String, _ reason: String) {
        #expect(fault(text)?.contains(reason) == true, "\(fault(text) ?? "taken")")
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(throws: JSONFault.self) { try JSONValue(json: [0x22, 0xff, 0x22]) }
        #expect(throws: JSONFault.self) { try JSONValue(json: [0x22, 0xed, 0xa0, 0x80, 0x22]) }
    }

    @Test func levelsAreBounded() throws {
        func nested(_ levels: Int) -> String { String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        _ = try read(nested(JSONValue.maximumDepth)).get()
        #expect(fault(nested(JSONValue.maximumDepth + 1))?.contains("levels") == true)
        #expect(fault(String(repeating: "[", count: 1_000_000))?.contains("levels") == true)
    }
}
