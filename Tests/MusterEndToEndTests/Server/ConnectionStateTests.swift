import Foundation
import MusterModel
import MusterTestKit
import Testing

/// Is the device there, and if not, why: through the real programs.
@Suite(.fewAtATime)
struct ConnectionStateTests {
    @Test(arguments: DatabaseKind.allCases)
    func fromEnrolmentToTheAgentsEnd(_ kind: DatabaseKind) async throws {
        let server = try await TestServer(database: kind.makeURL())
        try await server.start()
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        let device = try #require(try await server.musterJSON("devices", "list").first?.text("id"))
        try await server.expect("never-connected", of: device)
        try await agent.start()
        try await agent.sync()
        try await server.expect("on-schedule", of: device)
        #expect(try await server.musterJSON("devices", "list", "--state", "on-schedule").texts("id") == [device])
        #expect(try await server.musterJSON("devices", "list", "--state", "overdue").isEmpty)

        try await agent.stop()
        try await server.expect("agent-stopped", of: device)
        let since = try await server.device(device).object("connectionState").text("since")
        try await server.stop()
        try await server.start()
        #expect(try await server.device(device).object("connectionState").text("since") == since, "it outlives the server")
        try await server.expect("agent-stopped", of: device)
        try await agent.start()
        try await agent.sync()
        try await server.expect("on-schedule", of: device)

        // Its power goes off, and the server is away for a day.
        try await agent.kill()
        try await server.stop()
        try await server.start(clockAhead: .hours(24))
        try await server.expect("on-schedule", of: device)
        let states = try await server.musterJSON("server", "status").first?.object("connectionStates")
        #expect(states?["on-schedule"] as? Int == 1 && states?.count == 1)
        let reasons = try await server.musterJSON("devices", "connections", device)
        #expect(Set(reasons.texts("reason")) == ["done"], "\(reasons)")
        #expect(reasons.texts("cause").contains("start"))
        #expect(reasons.numbers("documents").reduce(0, +) >= 3 && reasons.numbers("events").reduce(0, +) >= 2)
        #expect(reasons.texts("address").allSatisfy { $0.hasPrefix("127.") })
    }

    @Test func connectedWhileASessionIsOpen() async throws {
        let server = try await TestServer()
        try await server.start()
        let device = try await RawDevice(enrollingAt: server)
        let id = try #require(device.id).description
        let session = try await device.session()
        try await server.expect("connected", of: id)
        let open = try #require(try await server.musterJSON("devices", "connections", id).first)
        #expect(open.text("closed") == nil && open.text("reason") == nil && open.text("kind") == "connection")
        #expect(try await server.muster("devices", "connections", id).succeeded().output.contains("open"))
        try await session.close()
        try await server.expect("on-schedule", of: id)
        let ended = try #require(try await server.musterJSON("devices", "connections", id).first)
        #expect(ended.text("reason") == "closedByPeer" && ended.number("number") == open.number("number"))
    }

    @Test func aPermanentConnectionThatIsLost() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await eventually("it is in force") {
            try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
        }
        try await site.server.expect("connected", of: site.device)
        try await site.agent.kill()
        try await site.server.expect("on-schedule", of: site.device)
        let state = try await site.server.device(site.device).object("connectionState")
        #expect(time(state.text("permanentConnectionLostSince")) != nil && state.text("since") != nil, "\(state)")
        let table = try await site.server.muster("devices", "show", site.device).succeeded().output
        #expect(table.contains("Permanent connection lost since"))
        let last = try #require(try await site.server.musterJSON("devices", "connections", site.device).first)
        #expect(last.text("reason") == "closedByPeer", "\(last)")
        let text = try #require(last.text("text"))
        #expect(["it was cut off", "Connection reset by peer"].contains(text), "\(text)")
    }

    @Test func aRevokedDeviceIsCutRefusedAndKept() async throws {
        let site = try await Site()
        let server = site.server
        try await server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await server.expect("connected", of: site.device)
        try await server.muster("devices", "revoke", site.device).succeeded()
        func isRefused() async throws {
            try await server.expect("refused", of: site.device)
            let device = try await server.device(site.device)
            #expect(device.object("connectionState").text("reason") == "deviceRevoked", "\(device)")
            #expect(device.object("permanentConnection").text("state") == "off")
            #expect(device.object("status").text("level") == "revoked", "it is not OK")
            #expect(device.number("installedCount") ?? 0 > 0, "what is known of it stays")
        }
        try await isRefused()
        #expect(try await server.events("device-revoked", of: site.device).count == 1)
        #expect(try await server.muster("overview").succeeded().output.contains("OK 0 · Warning 0 · Critical 0 · Revoked 1"))
        let found = try await server.musterJSON("devices", "list", "--filter", "status = revoked")
        #expect(found.compactMap { $0.text("id") } == [site.device])
        #expect(try await site.agent.command("sync").error.contains("deviceRevoked"))
        #expect(try await server.muster("devices", "list").succeeded().output.contains("revoked"))
        #expect(try await server.muster("server", "status").output.contains("ticked 0 · connected 0"))
        let ordered = try await server.muster("devices", "sync", site.device, "--wait")
        #expect(ordered.status == 3 && ordered.output.contains("failed: the device's certificate was revoked"), "\(ordered)")
        let ticked = try await server.muster("devices", "permanent-connection", site.device, "on")
        #expect(ticked.status != 0 && ticked.error.contains("is revoked"), "\(ticked)")
        #expect(try await server.device(site.device)["nextSynchronization"] == nil, "it is not expected")
        try await server.stop()
        try await server.start()
        try await isRefused()
        #expect(try await site.agent.command("sync").error.contains("deviceRevoked"), "it outlives the server")
    }

    @Test func aDeletedDeviceThatComesIsSeen() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "delete", site.device).succeeded()
        for _ in 0..<2 { #expect(try await site.agent.command("sync").error.contains("deviceDeleted")) }
        func refusals() async throws -> [[String: Any]] {
            try await site.server.musterJSON("devices", "connections", site.device).filter { $0.text("kind") == "refusal" }
        }
        try await eventually("it is in the history") { try await refusals().numbers("count").reduce(0, +) >= 2 }
        let found = try await refusals()
        #expect(found.count == 1 && found.first?.text("reason") == "deviceDeleted")
        let table = try await site.server.muster("devices", "connections", site.device).succeeded().output
        #expect(table.contains("refused: the device was removed from the server"))
        let line = site.server.log.split(separator: "\n").last { $0.contains("close.reason=deviceDeleted") }
        #expect(line?.contains("device.id=\(site.device)") == true, "\(line ?? "")")
        try await site.server.stop()
        try await site.server.start()
        #expect(try await refusals().count >= 1, "it outlives the server")
    }

    @Test func whatCameInOnUDPIsRemembered() async throws {
        let server = try await TestServer()
        try await server.start()
        #expect(try await server.muster("server", "status").succeeded().output.contains("recommended, not required"))
        let send =
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('\(server.address)', \(server.udpPort)))"
        try await runProgram(ProgramPath.ofSystem("python3"), ["-c", send]).succeeded()
        try await eventually("it is seen") {
            try await server.musterJSON("server", "status").first?["udpReceived"] as? Bool == true
        }
        try await server.stop()
        try await server.start()
        #expect(try await server.musterJSON("server", "status").first?["udpReceived"] as? Bool == true)
    }
}

extension TestServer {
    /// Waits for a device's connection state: a session ends a moment after the agent was told.
    fileprivate func expect(_ state: String, of device: String) async throws {
        try await eventually("\(device) is \(state)") {
            try await self.device(device).object("connectionState").text("code") == state
        }
    }
}
