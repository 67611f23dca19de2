import Foundation
import MusterModel
import MusterTestKit
import MusterWire
import Testing

/// Probes at the real server: answered like a session, and nothing comes of them.
@Suite("Probes", .fewAtATime)
struct ProbeTests {
    @Test("beside an open session of the same device: answered, registered nowhere, replacing nobody")
    func besideASession() async throws {
        let server = try await TestServer()
        try await server.start()
        let device = try await RawDevice(enrollingAt: server)
        let id = try #require(device.id).description
        let never = try await device.greeting { $0.reason = .probe }
        guard case .welcome(let first) = try await never.next() else { throw FixtureError(description: "no Welcome") }
        #expect(first.session == 0 && !first.hasPlan && !first.wantDigests && first.eventCredit == 0)
        try never.send(.done(Muster_V1_Done()))
        try await eventually("the server closes") { never.isClosed }
        #expect(try await server.device(id)["lastConnection"] == nil, "a probe is no connection")

        let session = try await device.session()
        let before = try await server.device(id)
        let probe = try await device.greeting {
            $0.reason = .probe
            // Would be another run of the agent, an old copy of it, and the server put back.
            $0.runID = 77
            $0.session = .max >> 2
        }
        guard case .welcome(let second) = try await probe.next() else { throw FixtureError(description: "no Welcome") }
        #expect(second.nextSynchronization > 0, "when the device is due")
        try probe.send(.done(Muster_V1_Done()))
        try await eventually("the server closes") { probe.isClosed }
        #expect(!session.isClosed, "the session was not replaced")
        var ping = Muster_V1_Ping()
        ping.id = 5
        try session.send(.ping(ping))
        var pong: UInt64?
        while pong == nil, let message = try await session.next() {
            if case .pong(let answer) = message { pong = answer.id }
        }
        #expect(pong == 5, "and is served")
        let after = try await server.device(id)
        for member in ["lastConnection", "lastSynchronization", "nextSynchronization", "agentVersion"] {
            #expect(after.text(member) == before.text(member), "\(member)")
        }
        #expect(try await server.events("server-rolled-back", of: id).isEmpty)
        #expect(try await server.closes("replaced") == 0)
        #expect(try await server.closes("done") == 2)
    }

    @Test("what a session would be refused for, a probe is")
    func refusals() async throws {
        let stage = try await CloseReasonStage()
        let stranger = try RawDevice.stranger(at: stage.server)
        try await stage.expect(.unknownCertificate, "a stranger's probe") { try await stranger.greeting { $0.reason = .probe } }
        let device = try await RawDevice(enrollingAt: stage.server)
        try await stage.server.muster("devices", "delete", try #require(device.id).description).succeeded()
        try await stage.expect(.deviceDeleted, "a deleted device's probe") {
            try await device.greeting { $0.reason = .probe }
        }
        let other = try await RawDevice(enrollingAt: stage.server)
        try await stage.expect(.unexpectedMessage, "events in a probe") {
            let probe = try await other.greeting { $0.reason = .probe }
            _ = try await probe.next()
            try probe.send(.events(Muster_V1_EventBatch()))
            return probe
        }
    }
}
