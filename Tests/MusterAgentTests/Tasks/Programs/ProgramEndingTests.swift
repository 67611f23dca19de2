import Glibc
import MusterTestKit
import Testing

@testable import MusterAgent

/// Nothing of a task's program is left when it ends, however it ends.
@Suite("Ends of a task's programs", .timeLimit(.minutes(5)))
struct ProgramEndingTests {
    private let hearing = ProgramHearing()
    private let programs: FakePrograms

    init() throws { programs = try FakePrograms() }

    /// Each kind of process that a program can leave behind writes its id into a file of its own; `ready` says that all have.
    private var family: String {
        func file(_ name: String) -> String { programs.file(name) }
        return """
            sh -c 'echo $$ >\(file("child")); exec sleep 3600' &
            setsid sh -c 'echo $$ >\(file("session")); exec sleep 3600' >/dev/null 2>&1 </dev/null &
            setsid -f sh -c 'echo $$ >\(file("orphan")); trap "" TERM; while :; do sleep 1; done' >/dev/null 2>&1
            until [ -s \(file("child")) ] && [ -s \(file("session")) ] && [ -s \(file("orphan")) ]; do sleep 0.05; done
            echo $$ >\(file("self"))
            echo ready
            """
    }

    private func pid(_ name: String) throws -> pid_t {
        try #require(SystemCall.line(of: programs.file(name)).flatMap { pid_t($0) })
    }

    private func expectNobodyLeft(_ names: [String] = ["child", "session", "orphan", "self"]) throws {
        for name in names {
            let pid = try pid(name)
            // Nobody reaps an orphan in a container without an init.
            let state = SystemCall.line(of: "/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " ").first
            #expect(state == nil || state == "Z", "\(name) still runs")
        }
    }

    private func program(_ script: String, limit: Duration? = nil) -> TaskProgram {
        var program = TaskProgram("/bin/sh", ["-c", script])
        program.limit = limit
        return program
    }

    @Test func whatIsLeftBehindIsEnded() async throws {
        #expect(await hearing.runner(grace: .milliseconds(300)).run(program(family)) == .exited(0))
        #expect(hearing.text == "ready\n")
        try expectNobodyLeft()
    }

    @Test func whatMayBeLeftBehindGoesOn() async throws {
        var program = program(family)
        program.mayLeaveBehind = true
        #expect(await hearing.runner().run(program) == .exited(0))
        for name in ["child", "session", "orphan"] {
            let pid = try pid(name)
            #expect(kill(pid, SIGKILL) == 0, "\(name) has ended")
        }
    }

    @Test func atItsLimitAllOfItIsEndedThoughItIgnoresToBeAsked() async throws {
        let script = "trap '' TERM\n\(family)\nwhile :; do echo still here; sleep 0.1; done"
        let end = await hearing.runner(grace: .milliseconds(300)).run(program(script, limit: .seconds(3)))
        #expect(end == .timedOut)
        #expect(hearing.text.hasPrefix("ready\nstill here\n"))
        try expectNobodyLeft()
    }

    @Test func whenTheTaskIsCancelledItIsAskedFirst() async throws {
        let script = "trap 'echo goodbye; exit 3' TERM\n\(family)\nwhile :; do sleep 0.1; done"
        let running = Task { [hearing, self] in await hearing.runner(grace: .seconds(2)).run(program(script)) }
        try await eventually("it runs") { hearing.text == "ready\n" }
        running.cancel()
        #expect(await running.value == .cancelled)
        // The shell may say that its children were terminated.
        #expect(hearing.text.hasPrefix("ready\n") && hearing.text.contains("goodbye\n"))
        try expectNobodyLeft()
    }

    @Test func oneThatIsCancelledBeforeItStartsDoesNotStart() async {
        let running = Task { [hearing, self] in
            withUnsafeCurrentTask { $0?.cancel() }
            return await hearing.runner().run(program("echo started"))
        }
        #expect(await running.value == .cancelled && hearing.count == 0)
    }

    @Test func endlessOutputHoldsUpNothing() async {
        let end = await hearing.runner(grace: .milliseconds(300)).run(program("trap '' TERM; yes", limit: .seconds(1)))
        #expect(end == .timedOut && hearing.count > 1 << 20)
    }

    /// A child that goes on talking does not keep its parent's end from being seen.
    @Test func aTalkingChildIsEndedWithItsParent() async throws {
        let end = await hearing.runner(grace: .milliseconds(300)).run(
            program("sh -c 'echo $$ >\(programs.file("child")); exec yes' & sleep 0.3; exit 4"))
        #expect(end == .exited(4))
        try expectNobodyLeft(["child"])
    }

    /// As one that writes its output through `tee`.
    @Test func theLastWordsOfAChildAreHeard() async {
        #expect(await hearing.runner().run(program("(sleep 0.2; echo last) & exit 0")) == .exited(0))
        #expect(hearing.text == "last\n")
    }

    /// One program of a run ends while another of the same run goes on.
    @Test func anotherProgramOfTheRunIsLeftAlone() async {
        let runner = hearing.runner()
        async let long = runner.run(program("sleep 1; exit 5"))
        async let short = runner.run(program("setsid sleep 3600 >/dev/null 2>&1 & exit 6"))
        #expect(await (long, short) == (.exited(5), .exited(6)))
    }
}
