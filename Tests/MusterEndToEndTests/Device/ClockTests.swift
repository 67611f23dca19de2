import Foundation
import MusterTestKit
import Testing

/// A device whose clock is off: said once, its events shown at the right time all the same. The real agent with a preloaded clock.
@Suite(.fewAtATime)
struct ClockTests {
    /// - Parameter offset: device minus server, in seconds.
    private func environment(offset: Int) throws -> [String: String] {
        ["LD_PRELOAD": "\(ProgramPath.directory)/libMusterShiftedClock.so", "MUSTER_CLOCK_OFFSET": "\(offset)"]
    }

    @Test(arguments: [-7200, 3600])
    func isAnEventAndEventsStandAtTheRightTime(offset: Int) async throws {
        let server = try await TestServer()
        try await server.start()
        let agent = try TestAgent(server: server, environment: environment(offset: offset))
        try await agent.enrol()
        let began = Date()
        try await agent.start()
        try await agent.sync()
        try await agent.event("by-that-clock", "info", "x")
        try await agent.sync()
        try await agent.sync()
        let device = try await agent.deviceID
        let off = try await eventual("the clock is said to be off") { try await server.events("clock-off", of: device).first }
        #expect(off.text("severity") == "warning")
        let stated = try #require(off.parameter("offset") as? Double)
        #expect(abs(stated + Double(offset)) < 60, "server minus device is \(off)")
        #expect(try await server.events("clock-off", of: device).count == 1, "once, not at every synchronization")
        let event = try #require(try await server.events("by-that-clock", of: device).first)
        let occurred = try #require(time(event.text("occurred")))
        #expect(abs(occurred.timeIntervalSince(began)) < 600, "\(event)")
        #expect(abs(try #require(try await agent.status()["clockOffsetSeconds"] as? Double) + Double(offset)) < 60)
    }

    @Test func aClockThatIsRightIsNoEvent() async throws {
        let site = try await Site()
        try await site.agent.sync()
        #expect(try await site.events("clock-off").isEmpty)
    }
}
