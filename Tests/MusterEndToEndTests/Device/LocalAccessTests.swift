import Foundation
import MusterTestKit
import Testing

/// Who on the device may use the agent's socket: root and the agent's user, whatever the files' modes say.
@Suite(.fewAtATime, .needsRoot)
struct LocalAccessTests {
    /// The program where any user may run it.
    private let files: TemporaryDirectory

    init() throws {
        files = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: files.path)
        try FileManager.default.copyItem(atPath: ProgramPath.of("muster-agent"), toPath: files.file("muster-agent"))
    }

    private func asNobody(_ arguments: [String]) async throws -> CommandResult {
        let become = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", files.file("muster-agent")]
        return try await runProgram(ProgramPath.ofSystem("setpriv"), become + arguments)
    }

    @Test func anotherUserIsKeptOutByTheDirectory() async throws {
        let site = try await Site()
        let result = try await asNobody(["status", "--state-dir", site.agent.stateDirectory])
        #expect(result.status == 1)
        #expect(result.error.contains("ermission denied"), "\(result.error)")
    }

    @Test(arguments: [["status"], ["sync"], ["event", "--type", "intruder", "--severity", "info", "--text", "x"]])
    func anotherUserIsRefusedEvenWhenTheDirectoryIsOpen(command: [String]) async throws {
        let site = try await Site()
        let directory = site.agent.stateDirectory
        let parent = URL(fileURLWithPath: directory).deletingLastPathComponent().path
        for path in [parent, directory] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: "\(directory)/agent.sock")
        let result = try await asNobody(command + ["--state-dir", directory])
        #expect(result.status == 1)
        #expect(result.error.contains("may not control this agent"), "\(result.error)")
        try await site.agent.sync()
        #expect(try await site.events("intruder").isEmpty, "no event was taken")
        #expect(site.agent.log.contains("control connection refused"))
    }
}
