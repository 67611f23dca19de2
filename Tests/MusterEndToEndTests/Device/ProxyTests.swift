import Foundation
import MusterTestKit
import NIOCore
import NIOPosix
import Testing

/// Agents behind an HTTP proxy: Debian's tinyproxy.
@Suite(.fewAtATime)
struct ProxyTests {
    private let server: TestServer
    private let agent: TestAgent

    init() async throws {
        server = try await TestServer()
        try await server.start()
        agent = try TestAgent(server: server)
    }

    private func enrol(_ proxy: String, at place: String? = nil) async throws -> CommandResult {
        let (file, pins) = try await server.makeToken()
        return try await agent.command(
            ["enrol", "--server", place ?? server.place, "--token-file", file, "--proxy", proxy]
                + pins.flatMap { ["--pin", $0] })
    }

    /// The server's name is known to the proxy alone: nothing goes past it.
    @Test(.needsRoot) func withAPasswordEnrolsAndSynchronizes() async throws {
        let name = "server.inside.invalid"
        let proxy = try await TestProxy(credentials: "muster s3cr3t-word", names: [name: server.address])
        let enrolled = try await enrol(proxy.url("muster:s3cr3t-word@"), at: "\(name):\(server.agentPort)").succeeded()
        #expect(enrolled.error.contains("warning") && enrolled.error.contains("--proxy"), "\(enrolled.error)")
        try await agent.start()
        try await agent.sync()
        let device = try await server.device(try await agent.deviceID)
        #expect(device.text("address") == proxy.address, "\(device)")
        #expect(try await agent.status().text("proxy") == "http://muster@\(proxy.address):\(TestProxy.port)")
        let table = try await agent.command("status").succeeded().output
        #expect(table.contains("http://muster@\(proxy.address)"), "\(table)")
        for text in [table, enrolled.output, enrolled.error, agent.log] { #expect(!text.contains("s3cr3t-word")) }
        #expect(proxy.log.contains(name))
        // The proxy goes: said as what it is, and mended by itself.
        try await proxy.stop()
        let failed = try await agent.command("sync")
        #expect(failed.status == 1 && failed.error.contains("proxyUnreachable"), "\(failed.error)")
    }

    @Test func withoutAPassword() async throws {
        let proxy = try await TestProxy()
        try await enrol(proxy.url()).succeeded()
        try await agent.start()
        try await agent.sync()
        // The server goes and comes: the proxy says that it is away.
        try await server.stop()
        let failed = try await agent.command("sync")
        #expect(failed.status == 1 && failed.error.contains("unreachable: the proxy"), "\(failed.error)")
        try await server.start()
        try await agent.sync()
        #expect(try await agent.status()["lastError"] == nil)
    }

    @Test(arguments: ["", "muster:wrong-word@"])
    func aWrongPasswordIsSaid(credentials: String) async throws {
        let proxy = try await TestProxy(credentials: "muster right")
        let result = try await enrol(proxy.url(credentials))
        #expect(result.status == 1)
        // tinyproxy says 407 to nobody and 401 to a stranger.
        let status = credentials.isEmpty ? "407" : "401"
        #expect(result.error.contains("proxyRefused") && result.error.contains(status), "\(result.error)")
        #expect(!result.error.contains("wrong-word"))
    }

    @Test func aPortItDoesNotAllowIsSaid() async throws {
        let proxy = try await TestProxy(allowedPort: 443)
        let result = try await enrol(proxy.url())
        #expect(result.status == 1)
        #expect(result.error.contains("proxyRefused") && result.error.contains("403"), "\(result.error)")
    }

    @Test func noProxyThere() async throws {
        let result = try await enrol("http://\(server.address):1")
        #expect(result.status == 1)
        #expect(result.error.contains("proxyUnreachable") && result.error.contains("Connection refused"), "\(result.error)")
        let unnamed = try await enrol("http://proxy.invalid:3128")
        #expect(unnamed.error.contains("proxyUnreachable") && unnamed.error.contains("proxy.invalid"), "\(unnamed.error)")
    }

    /// The server's own port: it wants TLS and closes.
    @Test func whatIsNoProxyIsSaid() async throws {
        let result = try await enrol("http://\(server.place)")
        #expect(result.status == 1)
        #expect(result.error.contains("proxyRefused"), "\(result.error)")
    }

    @Test func aProxyThatSaysNothingIsNotWaitedForLong() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: server.address, port: 0)
            .get()
        let result = try await enrol("http://\(server.address):\(try #require(silent.localAddress?.port))")
        #expect(result.status == 1)
        #expect(result.error.contains("unreachable: the proxy"), "\(result.error)")
        try await silent.close()
    }

    @Test(arguments: ["https://a:1", "a:1", "http://", "http://u:p@"])
    func whatIsNoAddressOfAProxyIsSaid(text: String) async throws {
        let result = try await enrol(text)
        #expect(result.status == 64)
        #expect(result.error.contains("http://[USER:PASSWORD@]HOST[:PORT]"), "\(result.error)")
    }
}
