import Foundation
import MusterTestKit
import NIOCore
import NIOPosix
import Testing

/// `muster-agent check` before enrolment, and each step on the way to the server failing for real.
@Suite(.fewAtATime)
struct CheckBeforeEnrolmentTests {
    private let server: TestServer
    private let agent: TestAgent
    private let tokenFile: String
    private let pins: [String]

    init() async throws {
        server = try await TestServer()
        try await server.start()
        agent = try TestAgent(server: server)
        (tokenFile, pins) = try await server.makeToken(uses: 1)
    }

    private func check(_ place: String, pin: String? = nil, _ more: String...) async throws -> CheckOutcome {
        try CheckOutcome(
            try await agent.command(["check", "--output", "json", "--server", place, "--pin", pin ?? pins[0]] + more))
    }

    @Test func theWayIsFreeAndTheTokenIsNotUsed() async throws {
        let outcome = try await check(server.place)
        #expect(outcome.status == 0, "\(outcome.report)")
        #expect(
            outcome.transcript.prefix(6) == [
                "not-tried state given", "ok name address", "ok tcp connected", "ok tls secured", "ok server-key trusted",
                "not-tried authorization notEnrolled",
            ])
        #expect(!FileManager.default.fileExists(atPath: agent.stateDirectory), "nothing is made")
        try await eventually("the server has seen it go") { try await server.closes("closedByPeer") == 1 }
        try await agent.command(
            ["enrol", "--server", server.place, "--token-file", tokenFile] + pins.flatMap { ["--pin", $0] }
        ).succeeded()
    }

    @Test func withAConnectionFile() async throws {
        let proxy = try await TestProxy(credentials: "muster s3cr3t")
        let token = try String(contentsOfFile: tokenFile, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let text = """
            {"version": 1, "package": "p", "servers": ["\(server.place)"], "udpPort": 13000, "pins": ["\(pins[0])"],
             "proxy": "\(proxy.url("muster:s3cr3t@"))", "token": "\(token)"}
            """
        let outcome = try await agent.check("--connection-file", try server.secretFile(text))
        #expect(outcome.status == 0, "\(outcome.report)")
        #expect(
            outcome.transcript.dropFirst().prefix(5) == [
                "ok name address", "ok proxy open", "ok tcp connected", "ok tls secured", "ok server-key trusted",
            ])
        #expect(!"\(outcome.report)".contains("s3cr3t") && !"\(outcome.report)".contains(token))
        let broken = try await agent.command("check", "--connection-file", try server.secretFile("{}"))
        #expect(broken.status == 1 && broken.error.contains("is no connection file"), "\(broken.error)")
    }

    @Test func aNameThatDoesNotResolve() async throws {
        let outcome = try await check("nothing.invalid")
        #expect(outcome.status == 11, "\(outcome.report)")
        #expect(outcome.finding("name").text("text")?.contains("nothing.invalid") == true)
        #expect(outcome.finding("tcp").text("verdict") == "not-tried")
    }

    @Test func aProxyThatIsNotThereOrSaysNo() async throws {
        let none = try await check(server.place, "--proxy", "http://\(server.address):1")
        #expect(none.status == 12 && none.finding("proxy").text("code") == "proxyUnreachable", "\(none.report)")
        let proxy = try await TestProxy(credentials: "muster right")
        let refused = try await check(server.place, "--proxy", proxy.url())
        #expect(refused.status == 12 && refused.finding("proxy").text("text")?.contains("407") == true, "\(refused.report)")
        let behind = try await check("\(server.address):1", "--proxy", proxy.url("muster:right@"))
        #expect(behind.status == 13 && behind.finding("proxy").text("verdict") == "ok", "\(behind.report)")
    }

    @Test func aPortThatIsClosed() async throws {
        let outcome = try await check("\(server.address):1")
        #expect(outcome.status == 13, "\(outcome.report)")
        #expect(outcome.finding("tcp").text("text")?.contains("Connection refused (\(server.address))") == true)
    }

    /// A listener that speaks HTTP, and the API's port, which speaks TLS but not to agents.
    @Test func somethingElseThatListens() async throws {
        let web = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(WebServer()) }
            }
            .bind(host: server.address, port: 0).get()
        let plain = try await check("\(server.address):\(try #require(web.localAddress?.port))")
        #expect(plain.status == 14, "\(plain.report)")
        #expect(plain.finding("tls").text("text")?.contains("does not speak TLS") == true, "\(plain.finding("tls"))")
        try await web.close()
        let pin = try String(contentsOfFile: "\(server.dataDirectory)/api.pin", encoding: .utf8)
        let api = try await check(
            "\(server.address):\(server.httpsPort)", pin: pin.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(api.status == 14 && api.finding("tls").text("code") == "noApplicationProtocol", "\(api.report)")
    }

    /// Both fingerprints, for programs and for people.
    @Test func aServerWithAnotherKey() async throws {
        let other = try await TestServer()
        try await other.start()
        let theirs = try #require(try await other.makeToken().pins.first)
        let outcome = try await check(other.place)
        #expect(outcome.status == 15, "\(outcome.report)")
        let finding = outcome.finding("server-key")
        #expect(finding.text("shown") == theirs && finding["trusted"] as? [String] == [pins[0]])
        #expect(outcome.finding("tls").text("verdict") == "ok")
        let text = try await agent.command("check", "--server", other.place, "--pin", pins[0])
        #expect(text.status == 15 && text.output.contains("shown:   \(theirs)") && text.output.contains("trusted: \(pins[0])"))
    }

    @Test func oneOfSeveralAddressesIsEnough() async throws {
        let outcome = try CheckOutcome(
            try await agent.command([
                "check", "--output", "json", "--server", "\(server.address):1", "--server", server.place, "--pin", pins[0],
            ]))
        #expect(outcome.status == 0, "\(outcome.report)")
        #expect(outcome.findings.filter { $0.text("step") == "tcp" }.texts("verdict") == ["failed", "ok"])
        let text = try await agent.command([
            "check", "--server", "\(server.address):1", "--server", "\(server.address):2", "--server", server.place, "--pin",
            pins[0],
        ]).succeeded().output
        #expect(text.contains("The server at \(server.place) is reached; 2 other addresses are not"), "\(text)")
    }

    @Test func notEnrolledItSaysWhatToDo() async throws {
        let outcome = try await agent.check()
        #expect(outcome.status == 10 && outcome.finding("state").text("code") == "notEnrolled", "\(outcome.report)")
        #expect(outcome.finding("state").text("advice")?.contains("--connection-file") == true)
    }

    @Test func aFileInPlaceOfTheStateDirectory() async throws {
        let outcome = try CheckOutcome(
            try await runProgram(
                "muster-agent", ["check", "--output", "json", "--state-dir", try server.secretFile("no directory")]))
        #expect(outcome.status == 10 && outcome.finding("state").text("code") == "stateUnsuitable", "\(outcome.report)")
        #expect(outcome.finding("state").text("advice")?.contains("root") == false, "\(outcome.report)")
    }

    @Test(arguments: [
        (["--server", "a"], "--pin"), (["--pin", String(repeating: "a", count: 64)], "--server"),
        (["--proxy", "http://a"], "--server"), (["--server", "a b"], "HOST[:PORT]"),
        (["--connection-file", "x", "--server", "a", "--pin", String(repeating: "a", count: 64)], "--connection-file"),
    ])
    func wrongUsage(arguments: [String], said: String) async throws {
        let result = try await agent.command(["check"] + arguments)
        #expect(result.status == 64 && result.error.contains(said), "\(result.error)")
    }
}

/// Says something in HTTP to everybody who comes.
private final class WebServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")), promise: nil)
    }
}
