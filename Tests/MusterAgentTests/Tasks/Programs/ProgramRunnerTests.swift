import Glibc
import MusterTestKit
import Synchronization
import Testing

@testable import MusterAgent

@Suite("Programs of a task", .timeLimit(.minutes(5)))
struct ProgramRunnerTests {
    private let hearing = ProgramHearing()

    private func shell(
        _ script: String, _ arguments: [String] = [], _ change: (inout TaskProgram) -> Void = { _ in }
    ) async -> TaskProgram.End {
        var program = TaskProgram("/bin/sh", ["-c", script, "sh"] + arguments)
        change(&program)
        return await hearing.runner().run(program)
    }

    @Test(arguments: [
        ("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143), ("kill -PIPE $$", 141),
    ])
    func endAsTheyEnd(script: String, status: Int32) async {
        #expect(await shell(script) == .exited(status))
    }

    @Test func areHeardInTheOrderInWhichTheySpeak() async {
        let end = await shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done; echo \"$1\"", ["a b"])
        #expect(end == .exited(0))
        #expect(hearing.text == "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\na b\n")
    }

    @Test func saidBytesStayAsTheyAre() async {
        #expect(await shell(#"printf '\377\000\303('"#) == .exited(0))
        #expect(hearing.bytes == [0xff, 0, 0xc3, 0x28])
    }

    @Test func nothingOfOursIsOpenInThem() async {
        #expect(await shell("ls /proc/self/fd | tr '\\n' ' '; exec 2>&-; read x; echo \"<$x>\"") == .exited(0))
        // The list's own directory is the third.
        #expect(hearing.text == "0 1 2 3 <>\n")
    }

    @Test func haveASessionOfTheirOwnAndNoTerminal() async {
        #expect(await shell("cut -d ' ' -f 1,5,6,7 /proc/$$/stat") == .exited(0))
        let words = hearing.text.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 4 && words[0] == words[1] && words[0] == words[2] && words[3] == "0")
    }

    @Test func readWhatTheyAreGiven() async {
        let input = [UInt8](repeating: 0x61, count: 3 << 20)
        #expect(await shell("wc -c") { $0.input = input } == .exited(0))
        #expect(hearing.text.split(whereSeparator: \.isWhitespace) == ["3145728"])
    }

    @Test func thoseThatSpeakOnStandardOutputHaveTheirErrorsShown() async {
        let said = Mutex<[String]>([])
        let end = await shell("echo one; echo shown >&2; echo twotwo; ls /proc/self/fd | wc -l >&2") {
            $0.status = { line in said.withLock { $0.append(line) } }
            $0.isStatusOnStandardOutput = true
            $0.longestStatus = 5
        }
        #expect(end == .exited(0))
        #expect(said.withLock { $0 } == ["one", "twotw"])
        #expect(hearing.text == "shown\n4\n")
    }

    @Test func standWhereTheyAreTold() async {
        #expect(await shell("pwd") { $0.directory = "/usr/share" } == .exited(0))
        #expect(hearing.text == "/usr/share\n")
    }

    @Test func haveTheEnvironmentThatWasSetAndNoOther() async {
        setenv("MUSTER_TEST_SECRET", "of ours", 1)
        let end = await shell("env") { $0.environment = ["COLOUR": "blue = sky", "HOME": "/srv", "MUSTER_RUN": "none"] }
        #expect(end == .exited(0))
        let lines = hearing.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("COLOUR=blue = sky") && lines.contains("HOME=/srv") && lines.contains("LC_ALL=C.UTF-8"))
        #expect(
            lines.contains("USER=\(SystemUser.current?.name ?? "")") && lines.contains { $0.hasPrefix("PATH=/usr/local/sbin:") })
        #expect(!lines.contains { $0.hasPrefix("MUSTER_TEST_SECRET") } && !lines.contains("MUSTER_RUN=none"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs programs as others"))
    func runAsAnotherUser() async {
        #expect(
            await shell("id -un; id -gn; echo $HOME $USER $LOGNAME; head -c 1 /etc/shadow") { $0.user = "daemon" } == .exited(1))
        #expect(hearing.text.hasPrefix("daemon\ndaemon\n/usr/sbin daemon daemon\n"), "\(hearing.text)")
        #expect(hearing.text.contains("ermission denied"))
    }

    @Test func statusLinesComeApart() async {
        let end = await shell(#"echo said; printf 'one\ntwo\n' >&3; printf 'three \377' >&3"#) { [hearing] in
            $0.status = { hearing.heard(line: $0) }
        }
        #expect(end == .exited(0))
        #expect(hearing.text == "said\n" && hearing.lines == ["one", "two", "three \u{fffd}"])
    }

    @Test func whatIsNotShownIsHeard() async {
        let heard = ProgramHearing()
        let end = await shell("echo quiet") {
            $0.isShown = false
            $0.hears = { bytes in bytes.withUnsafeBytes { heard.heard($0) } }
        }
        #expect(end == .exited(0) && hearing.count == 0 && heard.text == "quiet\n")
    }

    @Test func oneGibibyteIsHeardWhole() async {
        #expect(await shell("head -c 1073741824 /dev/zero; echo end >&2") == .exited(0))
        #expect(hearing.count == (1 << 30) + 4)
    }

    @Test func oneThatClosesItsOutputIsWaitedFor() async {
        #expect(await shell("echo first; exec >&- 2>&-; sleep 0.5; exit 9") == .exited(9))
        #expect(hearing.text == "first\n")
    }

    // MARK: What cannot start

    @Test func whyOneCouldNotStartIsSaid() async throws {
        let programs = try FakePrograms()
        try programs.write("plain", "text")
        try ProgramFile.write("#!/nowhere/interpreter\n", to: programs.file("wild"))
        try ProgramFile.write("echo\n", to: programs.file("text"))
        func why(_ path: String, _ change: (inout TaskProgram) -> Void = { _ in }) async -> String {
            var program = TaskProgram(path)
            change(&program)
            if case .notStarted(let text) = await hearing.runner().run(program) { return text }
            return ""
        }
        #expect(
            await why("/nowhere/program") == "/nowhere/program is not there, or the interpreter named in its first line is not")
        #expect(await why(programs.file("wild")).hasSuffix("the interpreter named in its first line is not"))
        #expect(await why(programs.file("plain")).hasSuffix("is not executable"))
        #expect(await why(programs.file("text")).hasSuffix("a script needs a first line as #!/bin/sh"))
        #expect(await why("/bin/true") { $0.directory = "/nowhere" } == "the directory /nowhere is not there")
        #expect(await why("/bin/true") { $0.user = "nobody-here" } == "this device has no user 'nobody-here'")
        #expect(await why("/bin/true") { $0.arguments = ["a\0b"] }.contains("zero byte"))
        #expect(
            await why("/bin/true") { $0.arguments = [String(repeating: "a", count: 4 << 20)] }
                == "its arguments and variables are longer than the system takes")
    }
}
