import Foundation
import MusterTestKit
import Testing

/// The fixture itself: what the other tests rely on.
struct FixtureTests {
    @Test func aServerAndADeviceStartAndStop() async throws {
        let server = try await TestServer()
        try await server.start()
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        #expect(try await server.musterJSON("devices", "list").first?["id"] as? String == agent.deviceID)
        #expect(try await agent.stop() == 0)
        let ports = [server.agentPort, server.udpPort, server.httpsPort]
        #expect(try await server.stop() == 0)
        #expect(!server.isRunning)
        try await server.start()
        #expect([server.agentPort, server.udpPort, server.httpsPort] == ports)
        try await server.kill()
        #expect(try await server.exitStatus() == 128 + SIGKILL)
    }

    @Test func aServerRunsUnderAnotherProgramAndEndsWithIt() async throws {
        let server = try await TestServer()
        for signal in [SIGTERM, SIGKILL] {
            try await server.start(under: ["strace", "-f", "-qq", "-e", "trace=none", "-o", "/dev/null"])
            #expect(try await server.musterJSON("server", "status").count == 1)
            server.signal(signal)
            _ = try await server.exitStatus()
        }
        // It would not start while one of them had the directory.
        try await eventually("the directory is free") {
            try await server.start()
            return true
        }
        #expect(try await server.stop() == 0)
    }

    /// A shell starts what the tests would start, in another group, and is killed: what it started ends too.
    @Test func aProgramDoesNotOutliveWhatStartedIt() async throws {
        let files = try TemporaryDirectory()
        let inner = try ProgramOrder("/bin/sleep", ["1000"], log: files.file("inner")).commandLine()
        let script = "setsid \"$@\" & echo $!; exec sleep 1001"
        let outer = try RunningProgram("/bin/sh", ["-c", script, "sh"] + inner, log: files.file("outer"))
        let pid = try await eventual("the inner program has started") { Int32(outer.log.dropLast()) }
        // Only then it has asked to be ended.
        try await eventually("it has become the program") {
            FileManager.default.contents(atPath: "/proc/\(pid)/comm") == Data("sleep\n".utf8)
        }
        try await outer.kill()
        try await eventually("process \(pid) has ended") { !FileManager.default.fileExists(atPath: "/proc/\(pid)") }
    }

    @Test func aCommandThatHangsIsEnded() async throws {
        await #expect(throws: FixtureError.self) {
            _ = try await runProgram("/bin/sleep", ["1000"], within: .milliseconds(200))
        }
    }

    @Test func whatACommandReadsAndSaysIsKeptApart() async throws {
        let result = try await runProgram("/bin/sh", ["-c", "cat; echo wrong >&2; exit 3"], input: "right\n")
        #expect(result.status == 3)
        #expect(result.output == "right\n")
        #expect(result.error == "wrong\n")
    }
}
