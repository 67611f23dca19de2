import Foundation
import MusterTestKit
import Testing

/// A device whose clock is off: said once, its events shown at the right time all the same. The real agent under `faketime`.
@Suite(.fewAtATime)
struct ClockTests {
    /// - Parameter offset: device minus server.
    private func environment(offset: String) throws -> [String: String] {
        let root = "/usr/lib"
        let folders = try FileManager.default.contentsOfDirectory(atPath: root).map { "\(root)/\($0)/faketime" }
        let libraries = folders.map { "\($0)/libfaketimeMT.so.1" }
        guard let library = libraries.first(where: FileManager.default.fileExists) else {
            throw FixtureError(description: "faketime is not installed: run `make test`, which installs what the tests need")
        }
        return ["LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"]
    }

    @Test(arguments: ["-7200", "+3600"])
    func isAnEventAndEventsStandAtTheRightTime(offset: String) async throws {
        let server = try await TestServer()
        try await server.start()
        let agent = try TestAgent(server: server)
        try await agent.enrol()
        let began = Date()
        try await agent.start(environment: try environment(offset: offset))
        try await agent.sync()
        try await agent.event("by-that-clock", "info", "x")
        try await agent.sync()
        try await agent.sync()
        let device = try await agent.deviceID
        let off = try await eventual("the clock is said to be off") { try await server.events("clock-off", of: device).first }
        #expect(off.text("severity") == "warning")
        let stated = try #require(off.parameter("offset") as? Double)
        let expected = try #require(Double(offset))
        #expect(abs(stated + expected) < 60, "server minus device is \(off)")
        #expect(try await server.events("clock-off", of: device).count == 1, "once, not at every synchronization")
        let event = try #require(try await server.events("by-that-clock", of: device).first)
        let occurred = try #require(time(event.text("occurred")))
        #expect(abs(occurred.timeIntervalSince(began)) < 600, "\(event)")
        #expect(abs(try #require(try await agent.status()["clockOffsetSeconds"] as? Double) + expected) < 60)
    }

    @Test func aClockThatIsRightIsNoEvent() async throws {
        let site = try await Site()
        try await site.agent.sync()
        #expect(try await site.events("clock-off").isEmpty)
    }
}
