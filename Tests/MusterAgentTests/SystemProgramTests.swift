import FoundationEssentials
import Glibc
import Testing

@testable import MusterAgent

@Suite("Programs of the system")
struct SystemProgramTests {
    private let programs: FakePrograms

    init() throws { programs = try FakePrograms() }

    /// Of the program that wrote it down.
    private func pid() async throws -> pid_t {
        for _ in 0..<600 {
            if let line = SystemCall.line(of: programs.file("pid")), let pid = pid_t(line) { return pid }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CancellationError()
    }

    /// An agent that stops waits for none of them.
    @Test(.timeLimit(.minutes(2)), arguments: ["", " >&- 2>&-"])
    func oneThatNobodyWaitsForIsEnded(output: String) async throws {
        try programs.add(
            "endless",
            "echo $$ > \(programs.file("new")); mv \(programs.file("new")) \(programs.file("pid")); exec sleep 3600\(output)")
        let running = Task { [programs] in await programs.system.run("endless", [], within: .seconds(3600)) }
        let pid = try await pid()
        running.cancel()
        #expect(await running.value == nil)
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func whatItSaysAndHowItEndedIsTold() async throws {
        try programs.add("talks", "echo out; echo err >&2; exit 3")
        let output = try #require(await programs.system.run("talks", []))
        #expect(output.status == 3 && output.text == "out\n" && output.error == "err\n")
        #expect(await programs.system.run("nowhere", []) == nil)
    }

    @Test func oneThatTakesTooLongIsEnded() async throws {
        try programs.add("slow", "exec sleep 3600")
        #expect(await programs.system.run("slow", [], within: .milliseconds(200)) == nil)
    }
}
