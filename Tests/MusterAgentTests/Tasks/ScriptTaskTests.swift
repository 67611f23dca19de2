import Glibc
import MusterModel
import MusterTestKit
import Testing

@testable import MusterAgent

@Suite("Scripts", .enabled(if: geteuid() == 0, "they run as root unless told otherwise"), .timeLimit(.minutes(5)))
struct ScriptTaskTests {
    private let device: TaskRehearsal

    init() throws { device = try TaskRehearsal() }

    private func run(_ text: String, _ settings: [String: ManagedValue] = [:]) async throws -> TaskConclusion {
        let all = settings.merging([ScriptTaskKey.text: .text(text)]) { $1 }
        return try await device.run(.scripts, ScriptTaskKey.run, all)
    }

    /// Its text is gone when it has ended.
    private func expectNothingLeft() { #expect(SystemCall.names(in: device.file("run")) == ["systemd"]) }

    @Test func oneIsRunByTheShellUnlessItSaysOtherwise() async throws {
        #expect(try await run("echo \"$# <$1> <$2>\"; pwd; id -un") == .succeeded(exitCode: 0))
        #expect(device.output == "0 <> <>\n/\nroot\n")
        expectNothingLeft()
    }

    @Test func itGetsItsArgumentsEnvironmentAndDirectory() async throws {
        let settings: [String: ManagedValue] = [
            ScriptTaskKey.arguments: .list(["a b", "", "a b"]), ScriptTaskKey.environment: .list(["COLOUR=blue=sky", "EMPTY="]),
            ScriptTaskKey.directory: .text("/usr"),
        ]
        #expect(try await run("echo \"$# <$1> <$2> <$3> $COLOUR ${EMPTY-unset}\"; pwd", settings).hasSucceeded)
        #expect(device.output == "3 <a b> <> <a b> blue=sky \n/usr\n")
    }

    @Test func itsFirstLineOrASettingNamesItsInterpreter() async throws {
        #expect(try await run("#!/usr/bin/env cat\nfirst\n").hasSucceeded)
        #expect(try await run("one\nthree\n", [ScriptTaskKey.interpreter: .text("/bin/cat")]).hasSucceeded)
        #expect(device.output == "#!/usr/bin/env cat\nfirst\none\nthree\n")
        #expect(ScriptInterpreter.named(in: "#! /usr/bin/env  python3 -u \r\nx") == ["/usr/bin/env", "python3 -u"])
        #expect(ScriptInterpreter.named(in: "#!/bin/sh") == ["/bin/sh"])
        #expect(ScriptInterpreter.named(in: "#!sh\n") == nil && ScriptInterpreter.named(in: "echo") == nil)
    }

    @Test func itsUserAloneReadsIt() async throws {
        let text = "id -un; stat -c '%U %a' \"$0\" \"$(dirname \"$0\")\""
        #expect(try await run(text, [ScriptTaskKey.user: .text("daemon")]).hasSucceeded)
        #expect(device.output == "daemon\ndaemon 400\ndaemon 700\n")
        #expect(try await run("stat -c '%U %a' \"$0\" \"$(dirname \"$0\")\"").hasSucceeded)
        #expect(device.output.hasSuffix("root 400\nroot 700\n"))
        expectNothingLeft()
    }

    @Test func codesThatAreSetCountAsSuccessAndNoOthers() async throws {
        func codes(_ codes: String...) -> [String: ManagedValue] { [ScriptTaskKey.successCodes: .list(codes)] }
        #expect(try await run("exit 2", codes("0", "2")) == .succeeded(exitCode: 2))
        #expect(try await run("true", codes("0", "2")) == .succeeded(exitCode: 0))
        #expect(try await run("exit 20", codes("0", "2")).code == "exitCode")
        let zero = try await run("true", codes("2"))
        #expect(zero.code == "exitCode" && zero.exitCode == 0)
        #expect(try await run("true", codes()) == .succeeded(exitCode: 0))
        #expect(try await run("kill -9 $$", codes("0")).code == "signal")
        #expect(try await run("exit 255", codes("255")) == .succeeded(exitCode: 255))
    }

    @Test func howItFailedIsSaid() async throws {
        let ended = try await run("echo why; exit 3")
        #expect(ended.code == "exitCode" && ended.exitCode == 3 && ended.text.contains("ended with 3"))
        #expect(ended.text.hasSuffix(": its output says more"))
        #expect(try await run("kill -9 $$").text == "the script was ended by signal 9: it printed nothing")
        #expect(try await run("echo >&2; kill -9 $$").text.hasSuffix("signal 9: its output says more"))
        let missing = try await run("echo", [ScriptTaskKey.interpreter: .text("/usr/bin/perl7")])
        #expect(missing.code == "notStarted" && missing.text.contains("/usr/bin/perl7 is not there"))
        let nobody = try await run("echo", [ScriptTaskKey.user: .text("nobody-here")])
        #expect(nobody.code == "notStarted" && nobody.text == "this device has no user 'nobody-here'")
        expectNothingLeft()
    }

    @Test func oneThatTakesTooLongIsEndedWithAllItStarted() async throws {
        let text =
            "trap '' TERM\nsetsid sh -c 'echo $$ >\(device.file("pid")); exec sleep 3600' & yes | head -c 1073741824\nsleep 3600"
        let ended = try await run(text, [ScriptTaskKey.timeLimit: .duration(.seconds(10))])
        #expect(ended.hasTimedOut && ended.code == "timedOut" && ended.text.contains("longer than 10s"), "\(ended)")
        let pid = try #require(SystemCall.line(of: device.file("pid")).flatMap { pid_t($0) })
        let state = SystemCall.line(of: "/proc/\(pid)/stat")?.split(separator: " ").dropFirst(2).first
        #expect(state == nil || state == "Z")
        expectNothingLeft()
    }

    @Test func itIsGoneWhenTheTaskIsStopped() async throws {
        let running = Task { try await run("echo ready; sleep 3600") }
        try await eventually("it runs") { !device.output.isEmpty }
        running.cancel()
        #expect(try await running.value.code == "stopped")
        expectNothingLeft()
    }

    @Test(arguments: [
        ("40 copying", 400, "copying"), ("0", 0, ""), ("100 done with it", 1000, "done with it"), ("101 x", nil, ""),
        ("-1", nil, ""),
        ("", nil, ""), ("x 40", nil, ""), ("99999999999999999999999", nil, ""),
    ])
    func howFarItIsIsALineOfItsOwn(line: String, share: Int?, step: String) {
        let progress = ScriptTask.progress(in: line)
        #expect(progress?.share == share && (progress?.step ?? "") == step)
    }
}
