import Foundation
import MusterModel
import MusterTestKit
import MusterTrust
import MusterWire
import Testing

/// Enrolments the real server refuses: each is told why.
@Suite("Close reasons: enrolments", .fewAtATime)
struct EnrolmentRefusalTests {
    private func asking(
        _ server: TestServer, _ token: EnrolmentTokenText, from source: String? = nil,
        _ change: (inout Muster_V1_EnrolmentRequest) -> Void = { _ in }
    ) async throws -> RawConnection {
        let connection = try await RawDevice.enrolment(at: server, from: source)
        var request = try RawDevice.request(token)
        change(&request)
        try connection.send(.enrolment(request))
        return connection
    }

    private func token(_ server: TestServer, expires: String = "1h") async throws -> EnrolmentTokenText {
        try EnrolmentTokenText(try await server.makeTokenText(expires: expires))
    }

    @Test("tokens: unknown, wrong, used up, revoked")
    func tokens() async throws {
        let stage = try await CloseReasonStage()
        let server = stage.server
        let good = try await token(server)
        try await stage.expect(.tokenUnknown, "a token of another server") {
            try await asking(server, EnrolmentTokenText(id: .random(), secret: .random()))
        }
        try await stage.expect(.tokenUnknown, "a wrong secret") {
            try await asking(server, EnrolmentTokenText(id: good.id, secret: .random()))
        }
        try await stage.expect(.tokenUnknown, "half a token") {
            try await asking(server, good) { $0.tokenSecret = $0.tokenSecret.prefix(16) }
        }
        try await stage.expect(.enrolled, isSaid: false, "a good one") { try await asking(server, good) }
        try await stage.expect(.tokenUsedUp, "the same, for another key") { try await asking(server, good) }
        let revoked = try await token(server)
        try await server.muster("enrolment-tokens", "revoke", revoked.id.description).succeeded()
        try await stage.expect(.tokenRevoked, "a revoked token") { try await asking(server, revoked) }
        try await stage.expectRealDevice()
    }

    /// The server's clock goes on by two hours.
    @Test("an expired token")
    func expired() async throws {
        let server = try await TestServer()
        try await server.start()
        let expired = try await token(server, expires: "1h")
        try await server.stop()
        try await server.start(clockAhead: .hours(2))
        #expect(try await asking(server, expired).goodbye()?.reason == CloseReason.tokenExpired.rawValue)
        let closes = try await server.musterJSON("server", "status").first?["closes"] as? [String: Int]
        #expect(closes == [CloseReason.tokenExpired.code: 1])
        _ = try await RawDevice(enrollingAt: server)
    }

    @Test("requests that are damaged, of another version, or no request at all")
    func requests() async throws {
        let stage = try await CloseReasonStage()
        let server = stage.server
        let good = try await token(server)
        try await stage.expect(.badCertificateRequest, "a damaged request") {
            try await asking(server, good) { $0.certificateRequest[$0.certificateRequest.count - 1] ^= 1 }
        }
        try await stage.expect(.badCertificateRequest, "a request that is too long") {
            try await asking(server, good) { $0.certificateRequest = Data(repeating: 0x30, count: 4097) }
        }
        try await stage.expect(.unsupportedVersion, "version 2") { try await asking(server, good) { $0.version = 2 } }
        try await stage.expect(.unexpectedMessage, "a Hello in an enrolment") {
            let connection = try await RawDevice.enrolment(at: server)
            try connection.send(.hello(RawDevice.hello()))
            return connection
        }
        try await stage.expect(.malformedFrame, "garbage") {
            let connection = try await RawDevice.enrolment(at: server)
            connection.send([0, 0, 0, 3, 0xff, 0xff, 0xff])
            return connection
        }
        try await stage.expect(.oversizeFrame, "8 KiB and a byte") {
            let connection = try await RawDevice.enrolment(at: server)
            connection.send([0, 0, 0x20, 1])
            return connection
        }
        try await stage.expectRealDevice()
    }

    /// From an address of its own: others are enrolled all the while, and the token that was guessed at is as good as before.
    @Test("too many wrong tokens from one address")
    func guessing() async throws {
        let stage = try await CloseReasonStage(settings: ["bad-token-burst": 3])
        let server = stage.server
        let good = try await token(server)
        let wrong = EnrolmentTokenText(id: good.id, secret: .random())
        for _ in 0..<3 {
            let connection = try await asking(server, wrong, from: "127.255.0.1")
            #expect(try await connection.goodbye()?.reason == CloseReason.tokenUnknown.rawValue)
        }
        // One token a second comes back: by now at most a few more are let through.
        var last: Muster_V1_Goodbye?
        for _ in 0..<20 where last?.reason != CloseReason.enrolmentLimit.rawValue {
            last = try await asking(server, wrong, from: "127.255.0.1").goodbye()
        }
        #expect(last?.reason == CloseReason.enrolmentLimit.rawValue && (last?.retryAfter ?? 0) > 0)
        let connection = try await asking(server, good)
        let answer = try await connection.next()
        if case .enrolled = answer {} else { Issue.record("the token that was guessed at was disabled") }
        #expect(try await stage.closes()[CloseReason.enrolmentLimit.code] == 1)
        try await stage.expectRealDevice()
    }
}
