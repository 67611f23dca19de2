import MusterModel
import MusterTestKit
import Testing

@testable import MusterSession

/// What docs/protocol.md says an agent does after each close reason.
@Suite("The back-off in docs/protocol.md")
struct ProtocolPageTests {
    @Test("is slow, or none, where a person has to act, and only there")
    func slow() throws {
        let rows = try MarkdownFile("docs/protocol.md").rows(under: "Close reasons")
        #expect(!rows.isEmpty)
        for row in rows {
            let reason = try #require(row[1].code.flatMap(CloseReason.init(code:)))
            let isSlow = row[4].hasPrefix("slow") || row[4].hasPrefix("stops")
            #expect(isSlow == reason.wantsAPerson, "\(reason)")
        }
    }
}
