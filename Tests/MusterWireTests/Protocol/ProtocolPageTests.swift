import MusterModel
import MusterTestKit
import Testing

@testable import MusterWire

/// The tables of docs/protocol.md say what the code and the .proto files say.
@Suite("The tables of docs/protocol.md")
struct ProtocolPageTests {
    private let page: MarkdownFile

    init() throws { page = try MarkdownFile("docs/protocol.md") }

    @Test("close reasons: numbers and codes, all of them")
    func closeReasons() throws {
        let rows = try page.rows(under: "Close reasons").map { "\($0[0]) \(try #require($0[1].code))" }
        #expect(rows == CloseReason.allCases.map { "\($0.rawValue) \($0.code)" })
    }

    @Test("documents: numbers, names and directions")
    func documents() {
        let rows = page.rows(under: "Documents").filter { $0.count == 4 }.map { $0.prefix(3).joined(separator: " ") }
        #expect(
            rows
                == DocumentName.allCases.map { name in
                    "\(name.rawValue) `\(name)` \(name.direction == .reported ? "device to server" : "server to device")"
                })
    }

    @Test(
        "limits",
        arguments: [
            ("Frames", "a frame before Welcome, and in an enrolment", FrameLimits.beforeAuthorization),
            ("Frames", "a frame in a session", FrameLimits.inSession),
            ("Frames", "a piece written at once (advice)", FrameLimits.pieceBytes),
            ("Documents", "bytes of a key", Document.maximumKeyBytes),
            ("Documents", "bytes of a value", Document.maximumValueBytes),
            ("Documents", "bytes of a body", Document.maximumBodyBytes),
            ("Documents", "bytes of a chunk", OutgoingDocument.maximumChunkBytes),
            ("Documents", "bytes above which deflating is worth it", OutgoingDocument.deflateAbove),
            ("Events", "bytes of an event as encoded", DeviceEvent.maximumBytes),
            ("Events", "bytes of the events in a batch", Muster_V1_EventBatch.maximumBytes),
            ("Events", "events in a batch", Muster_V1_EventBatch.maximumEvents),
            ("Events", "batches under way", Muster_V1_EventBatch.maximumInFlight),
        ])
    func limits(heading: String, name: String, value: Int) throws {
        let row = try #require(page.rows(under: heading).first { $0[0] == name })
        #expect(row[1] == String(value))
    }

    @Test("every message has a heading, and under it all of its fields", arguments: ["session", "documents"])
    func messages(file: String) throws {
        let messages = try ProtoFile(file).messages
        #expect(!messages.isEmpty)
        for (name, fields) in messages {
            #expect(page.headings.contains(name), "\(name) has no heading")
            #expect(fields == page.rows(under: name).filter { $0.count == 2 }.compactMap(\.[0].code), "\(name)")
        }
    }

    @Test("every number of an enumeration")
    func enumerations() throws {
        let rows = page.rows(under: "Numbers in messages").map { $0.prefix(3).joined(separator: " ") }
        #expect(rows == (try ProtoFile("session").enumerations + ProtoFile("documents").enumerations))
    }
}

/// A .proto file, as far as these tests need it: messages with the names of their fields, enumerations with their numbers.
private struct ProtoFile {
    private(set) var messages: [(name: String, fields: [String])] = []
    /// `HelloReason 1 `HELLO_REASON_INTERVAL``
    private(set) var enumerations: [String] = []

    init(_ name: String) throws {
        var enumeration: String?
        for line in try RepositoryFile.text("Sources/MusterWire/Proto/\(name).proto").split(separator: "\n") {
            let words = line.split { " ;{".contains($0) }
            if line.hasPrefix("message ") {
                enumeration = nil
                messages.append((name: String(words[1]), fields: []))
            } else if line.hasPrefix("enum ") {
                enumeration = String(words[1])
            } else if line.hasPrefix(" "), let equals = words.firstIndex(of: "="), equals > 0 {
                let field = String(words[equals - 1])
                if let enumeration {
                    enumerations.append("\(enumeration) \(words[equals + 1]) `\(field)`")
                } else if !messages.isEmpty {
                    messages[messages.count - 1].fields.append(field)
                }
            }
        }
    }
}
