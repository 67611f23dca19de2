import Foundation
import MusterTestKit
import Testing

/// `muster-agent enrol`: the ways to do it, and what it says when it is not done.
@Suite(.fewAtATime)
struct EnrolmentTests {
    private let server: TestServer
    private let agent: TestAgent

    init() async throws {
        server = try await TestServer()
        try await server.start()
        agent = try TestAgent(server: server)
    }

    private var place: String { server.place }

    private func enrol(
        _ command: String = "enrol", servers: [String]? = nil, token: [String], pins: [String], input: String? = nil
    ) async throws -> CommandResult {
        let arguments = (servers ?? [place]).flatMap { ["--server", $0] } + token + pins.flatMap { ["--pin", $0] }
        return try await agent.command([command] + arguments, input: input)
    }

    @Test func withATokenInAFileItSaysWhatAPersonNeeds() async throws {
        let (file, pins) = try await server.makeToken()
        let result = try await enrol(token: ["--token-file", file], pins: pins).succeeded()
        let device = try #require(try await server.musterJSON("devices", "list").first?.text("id"))
        #expect(result.output.contains("Enrolled at \(place) as device \(device)."))
        #expect(result.output.contains("muster-agent run --state-dir \(agent.stateDirectory)"))
        #expect(result.error.isEmpty)
        #expect(try await agent.deviceID == device)
    }

    @Test func withATokenOnStandardInput() async throws {
        let (file, pins) = try await server.makeToken()
        let token = try String(contentsOfFile: file, encoding: .utf8)
        let result = try await enrol(token: ["--token-file", "-"], pins: pins, input: token)
        #expect(result.status == 0, "\(result.error)")
        #expect(try await server.musterJSON("devices", "list").count == 1)
    }

    @Test func withATokenOnTheCommandLineItWarns() async throws {
        let (file, pins) = try await server.makeToken()
        let token = try String(contentsOfFile: file, encoding: .utf8)
        let result = try await enrol(token: ["--token", String(token.dropLast())], pins: pins)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("warning") && result.error.contains("--token-file"), "\(result.error)")
    }

    @Test func aTokenFileOthersCanReadIsRemarkedOn() async throws {
        let (file, pins) = try await server.makeToken()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let result = try await enrol(token: ["--token-file", file], pins: pins).succeeded()
        #expect(result.error.contains("chmod 600"), "\(result.error)")
    }

    @Test func theOtherSpellingWorks() async throws {
        let (file, pins) = try await server.makeToken()
        #expect(try await enrol("enroll", token: ["--token-file", file], pins: pins).status == 0)
    }

    @Test func oneOfTwoPinsIsEnough() async throws {
        let (file, pins) = try await server.makeToken()
        let result = try await enrol(token: ["--token-file", file], pins: [pins[0]])
        #expect(result.status == 0, "\(result.error)")
        #expect(try await agent.status()["pins"] as? [String] == pins, "the device learns both")
    }

    @Test func theFirstAddressThatAnswersIsTaken() async throws {
        let (file, pins) = try await server.makeToken()
        let nobody = "\(server.address):1"
        let result = try await enrol(servers: [nobody, place], token: ["--token-file", file], pins: pins)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("Enrolled at \(place)"))
        #expect(try await agent.status()["servers"] as? [String] == [nobody, place])
        try await agent.start()
        try await agent.sync()
    }

    @Test func noAddressThatAnswers() async throws {
        let (file, pins) = try await server.makeToken()
        let result = try await enrol(servers: ["\(server.address):1"], token: ["--token-file", file], pins: pins)
        #expect(result.status == 1)
        #expect(result.error.contains("unreachable") && result.error.contains("\(server.address):1"), "\(result.error)")
    }

    @Test func aServerWithAnotherKeyIsRefusedByBoth() async throws {
        let (file, pins) = try await server.makeToken()
        let other = String(repeating: "ab", count: 32)
        let result = try await enrol(token: ["--token-file", file], pins: [other])
        #expect(result.status == 1)
        for text in ["serverKeyMismatch", other, pins[0]] { #expect(result.error.contains(text), "\(result.error)") }
        try await eventually("the server counts it") { try await server.closes("handshakeRefusedByPeer") == 1 }
        #expect(try await server.musterJSON("devices", "list").isEmpty)
        #expect(try await enrol(token: ["--token-file", file], pins: pins).status == 0, "the token was not used")
    }

    @Test func anEnrolledDeviceIsNotEnrolledAgain() async throws {
        try await agent.enrol()
        let device = try await agent.deviceID
        let (file, pins) = try await server.makeToken()
        let result = try await enrol(token: ["--token-file", file], pins: pins)
        #expect(result.status == 1)
        #expect(result.error.contains("enrolled as \(device)"), "\(result.error)")
        #expect(try await agent.deviceID == device)
    }

    @Test func aTokenIsGoodForAsManyDevicesAsItSays() async throws {
        let (file, pins) = try await server.makeToken(uses: 1)
        try await enrol(token: ["--token-file", file], pins: pins).succeeded()
        let second = try TestAgent(server: server)
        let arguments = ["enrol", "--server", place, "--token-file", file] + pins.flatMap { ["--pin", $0] }
        let result = try await second.command(arguments)
        #expect(result.status == 1)
        #expect(result.error.contains("the enrolment token is used up (tokenUsedUp): have"), "\(result.error)")
        #expect(try await server.musterJSON("devices", "list").count == 1)
    }

    @Test(arguments: [
        (["--token-file", "x"], "--pin"), (["--pin", "abc", "--token-file", "x"], "'abc' is no server key fingerprint"),
        (["--pin", String(repeating: "a", count: 64)], "--token-file"),
        (["--pin", String(repeating: "a", count: 64), "--token-file", "x", "--token", "y"], "--token-file"),
    ])
    func whatIsMissingIsSaid(arguments: [String], said: String) async throws {
        let result = try await agent.command(["enrol", "--server", place] + arguments)
        #expect(result.status == 64)
        #expect(result.error.contains(said), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: agent.stateDirectory))
    }

    @Test func whatIsNoTokenIsSaid() async throws {
        let (_, pins) = try await server.makeToken()
        let none = try await enrol(token: ["--token-file", "\(agent.stateDirectory)/none"], pins: pins)
        #expect(none.status == 1)
        #expect(none.error.contains("cannot read the token file"), "\(none.error)")
        let wrong = try await enrol(token: ["--token-file", "-"], pins: pins, input: "hello")
        #expect(wrong.status == 1)
        #expect(wrong.error.contains("token"), "\(wrong.error)")
    }
}
