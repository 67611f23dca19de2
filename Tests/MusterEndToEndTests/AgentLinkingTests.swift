import MusterTestKit
import Testing

/// What the agent is made of: it runs on every device, always, so it must not carry full Foundation and with it ICU (docs/decisions/0001).
@Suite struct AgentLinkingTests {
    private func libraries(of program: String) async throws -> [String] {
        let path = try ProgramPath.of(program)
        let output = try await runProgram("/usr/bin/readelf", ["--dynamic", path]).succeeded().output
        return output.split(separator: "\n").filter { $0.contains("(NEEDED)") }.map(String.init)
    }

    @Test func theAgentLinksNoFullFoundation() async throws {
        let libraries = try await libraries(of: "muster-agent")
        #expect(
            libraries.contains { $0.contains("libFoundationEssentials.so") }, "built with shared libraries, as it is for tests")
        for name in ["libFoundation.so", "FoundationICU", "FoundationInternationalization", "libicu"] {
            #expect(!libraries.contains { $0.contains(name) }, "\(name) is linked")
        }
    }

    /// The same look at a program that does link it, so that the test above can fail.
    @Test func theServerLinksIt() async throws {
        #expect(try await libraries(of: "muster-server").contains { $0.contains("libFoundation.so") })
    }
}
