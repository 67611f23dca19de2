import MusterModel
import MusterTestKit
import MusterWire
import Testing

/// A server, a device whose session is open all the while, and a misdeed after another: each must end its own connection with its reason,
/// once, said where there is somebody to say it to, and nothing else may happen.
struct CloseReasonStage {
    let server: TestServer
    private let bystander: RawConnection

    init(settings: [String: Any] = [:]) async throws {
        server = try await TestServer(settings: settings)
        try await server.start()
        bystander = try await RawDevice(enrollingAt: server).session()
    }

    /// - Parameters:
    ///   - isSaid: the server says it in Goodbye.
    ///   - play: the misdeed; its connection is the one that must end.
    func expect(
        _ reason: CloseReason, isSaid: Bool = true, _ what: String, _ play: () async throws -> RawConnection
    ) async throws {
        let before = try await closes()
        let culprit = try await play()
        let goodbye = try await culprit.goodbye()
        #expect(
            goodbye.flatMap { CloseReason(rawValue: $0.reason) } == (isSaid ? reason : nil), "\(what): \(goodbye?.text ?? "")")
        try await expect([reason], since: before, what)
        try await eventually("\(what): the connection is closed") { culprit.isClosed }
        try await expectService(what)
    }

    /// Each of `reasons` is counted once more than before, and no other.
    func expect(_ reasons: [CloseReason], since before: [String: Int], _ what: String) async throws {
        let expected = reasons.reduce(into: before) { $0[$1.code, default: 0] += 1 }
        var closes = before
        do {
            try await eventually("\(what): an end is counted") {
                closes = try await self.closes()
                return closes.values.reduce(0, +) >= expected.values.reduce(0, +)
            }
        } catch { Issue.record(error) }
        #expect(closes == expected, "\(what)")
    }

    /// What `muster server status` shows.
    func closes() async throws -> [String: Int] {
        try await server.musterJSON("server", "status").first?["closes"] as? [String: Int] ?? [:]
    }

    /// The device that does nothing wrong is answered.
    private func expectService(_ what: String) async throws {
        var ping = Muster_V1_Ping()
        ping.id = .random(in: 1 ... .max)
        try bystander.send(.ping(ping))
        while let message = try await bystander.next() {
            if case .pong(let pong) = message {
                #expect(pong.id == ping.id)
                return
            }
        }
        Issue.record("\(what): another device's session ended too")
    }

    /// After all of it a real device enrols and synchronizes.
    func expectRealDevice() async throws {
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        try await agent.start()
        try await eventually("a real device synchronizes") { try await agent.command("sync").status == 0 }
        let device = try #require(try await server.musterJSON("devices", "show", try await agent.deviceID).first)
        #expect(device["lastSynchronization"] as? String != nil)
        try await agent.stop()
    }
}
