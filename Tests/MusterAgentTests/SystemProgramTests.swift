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

    @Test("say what they say, and how they ended")
    func output() async throws {
        try programs.add("speak", "echo out $1; echo err >&2; exit 3")
        let output = try #require(await programs.system.run("speak", ["a b"]))
        #expect(output.status == 3 && output.text == "out a b\n" && output.error == "err\n" && !output.isSuccess)
        try programs.add("die", "kill -9 $$")
        #expect(await programs.system.run("die", [])?.status == 137)
        #expect(await programs.system.run("nowhere", []) == nil)
    }

    @Test("do not hang on more than is kept, and get no descriptor")
    func bounds() async throws {
        try programs.add("flood", "head -c 8388608 /dev/zero")
        #expect(await programs.system.run("flood", [])?.text.utf8.count == 4 * 1024 * 1024)
        try programs.add("files", "ls /proc/$$/fd")
        // The shell's script is one more.
        let files = try #require(await programs.system.run("files", [])).text.split(separator: "\n").compactMap { Int($0) }
        #expect(files.count <= 4, "\(files)")
    }

    @Test func oneThatTakesTooLongIsEnded() async throws {
        try programs.add("slow", "exec sleep 3600")
        #expect(await programs.system.run("slow", [], within: .milliseconds(200)) == nil)
    }
}
