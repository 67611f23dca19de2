import MusterModel
import MusterTestKit
import MusterTrust
import MusterWire
import NIOSSL
import Testing

/// Strangers and broken devices at the real server's door: before a session there is nobody to be told, but every end is counted.
@Suite("Close reasons: before a session", .fewAtATime)
struct CloseReasonTests {
    @Test("TCP and TLS: each end has its own reason, and the server goes on")
    func handshake() async throws {
        let stage = try await CloseReasonStage()
        let server = stage.server
        for garbage in ["GET / HTTP/1.1\r\n\r\n", String(repeating: "\u{0}", count: 64), "\u{16}\u{3}\u{1}\u{7f}\u{7f}garbage"] {
            try await stage.expect(.handshakeFailed, isSaid: false, "garbage before TLS") {
                let connection = try await RawConnection.plain(to: server)
                connection.send(Array(garbage.utf8))
                return connection
            }
        }
        try await stage.expect(.handshakeFailed, isSaid: false, "TLS 1.2") {
            var configuration = try TLSConfiguration.agent([ProtocolVersion.sessionALPN])
            configuration.minimumTLSVersion = .tlsv12
            configuration.maximumTLSVersion = .tlsv12
            return try await RawConnection.tls(to: server, configuration)
        }
        try await stage.expect(.handshakeRefusedByPeer, isSaid: false, "a client that does not trust the server's key") {
            try await RawConnection.tls(to: server, .agent([ProtocolVersion.sessionALPN]), trustsServer: false)
        }
        for protocols in [[], ["h2", "muster/2"]] {
            try await stage.expect(.noApplicationProtocol, isSaid: false, "application protocols \(protocols)") {
                let connection = try await RawConnection.tls(to: server, .agent(protocols))
                #expect(connection.applicationProtocol == nil)
                return connection
            }
        }
        try await stage.expect(.closedByPeer, isSaid: false, "a client that goes away before TLS") {
            let connection = try await RawConnection.plain(to: server)
            try await connection.close()
            return connection
        }
        try await stage.expect(.handshakeRefusedByPeer, isSaid: false, "an alert instead of a Hello") {
            let connection = try await RawConnection.plain(to: server)
            connection.send([21, 3, 1, 0, 2, 2, 40])
            return connection
        }
        try await stage.expect(.handshakeFailed, isSaid: false, "an alert there is not") {
            let connection = try await RawConnection.plain(to: server)
            connection.send([21, 3, 1, 0, 2, 9, 99])
            return connection
        }
        try await stage.expectRealDevice()
    }

    @Test("the real agent with a wrong pin says so, and the server sees that it was refused")
    func wrongPin() async throws {
        let stage = try await CloseReasonStage()
        let before = try await stage.closes()
        let agent = try TestAgent(server: stage.server)
        let (tokenFile, _) = try await stage.server.makeToken()
        let address = "\(stage.server.address):\(stage.server.agentPort)"
        let attempts = 5
        for _ in 0..<attempts {
            let result = try await agent.command([
                "enrol", "--server", address, "--token-file", tokenFile, "--pin", String(repeating: "0", count: 64),
            ])
            #expect(result.status == 1 && result.error.contains("serverKeyMismatch"), "\(result.error)")
        }
        try await stage.expect(Array(repeating: .handshakeRefusedByPeer, count: attempts), since: before, "wrong pins")
        try await stage.expectRealDevice()
    }

    @Test("clients that connect and say nothing, before TLS and after it")
    func silence() async throws {
        let stage = try await CloseReasonStage(settings: ["handshake-timeout": "1s", "first-frame-timeout": "1s"])
        let server = stage.server
        let device = try await RawDevice(enrollingAt: server)
        try await stage.expect(.handshakeTimeout, isSaid: false, "nothing at all") {
            try await RawConnection.plain(to: server)
        }
        try await stage.expect(.firstFrameTimeout, "nothing in a session") { try await device.connection() }
        try await stage.expect(.firstFrameTimeout, "half a frame") {
            let connection = try await device.connection()
            connection.send([0, 0, 0, 9, 1])
            return connection
        }
        try await stage.expect(.firstFrameTimeout, "nothing in an enrolment") { try await RawDevice.enrolment(at: server) }
        try await stage.expectRealDevice()
    }

    @Test("silence in the middle of a session")
    func idle() async throws {
        let server = try await TestServer(settings: ["idle-timeout": "1s"])
        try await server.start()
        let session = try await RawDevice(enrollingAt: server).session()
        #expect(try await session.goodbye()?.reason == CloseReason.idleTimeout.rawValue)
        try await eventually("it is counted") {
            let closes = try await server.musterJSON("server", "status").first?["closes"] as? [String: Int]
            return closes?[CloseReason.idleTimeout.code] == 1
        }
    }

    @Test("past the limit of connections a socket is closed unread; below it the next one is served")
    func connectionLimit() async throws {
        let server = try await TestServer(settings: ["connection-limit": 2])
        try await server.start()
        let held = [try await RawConnection.plain(to: server), try await RawConnection.plain(to: server)]
        try await eventually("both are open") {
            try await server.musterJSON("server", "status").first?["connections"] as? Int == 2
        }
        let third = try await RawConnection.plain(to: server)
        try await eventually("the third is closed") { third.isClosed }
        #expect(!held[0].isClosed && !held[1].isClosed)
        let closes = try await server.musterJSON("server", "status").first?["closes"] as? [String: Int]
        #expect(closes == [CloseReason.connectionLimit.code: 1])
        for connection in held { try await connection.close() }
        try await eventually("both are gone") {
            try await server.musterJSON("server", "status").first?["connections"] as? Int == 0
        }
        _ = try await RawDevice(enrollingAt: server)
    }
}
