import MusterModel
import MusterServer
import MusterStore
import MusterTestKit
import MusterTrust
import Testing

@testable import MusterAgent

@Suite("Clocks that are wrong", .timeLimit(.minutes(5)))
struct ClockTests {
    private static let epoch = Timestamp(milliseconds: 0)

    /// The device's clock says nothing about its certificate: only the server's does.
    @Test(arguments: [epoch, .june(1999), .june(2040)], [0, 45, 91, 399] as [Int64])
    func theDevices(clock: Timestamp, days: Int64) async throws {
        let scene = try await Scene.make(deviceClock: clock)
        func told() async throws -> EventRecord? {
            try await scene.server.events(of: scene.id, type: EventType.clockOff).first
        }
        // When it came on the first day already, it is too old to be kept later.
        let toldAtOnce = try await told()
        scene.pass(.days(days))
        try await scene.meet(times: 2)
        let certificates = try await scene.certificates
        #expect(certificates.map(\.used) == (days >= 45 ? [true, true] : [true]))
        // What it tells is put to the server's time, the raw time kept.
        let toldLater = try await told()
        let event = try #require(toldAtOnce ?? toldLater)
        #expect(event.occurred == Scene.firstDay)
        #expect(event.occurredRaw == clock)
    }

    /// Off for 91 days with a dead battery, and set right or wrong meanwhile.
    @Test(arguments: [(.june(2040), Scene.firstDay), (Scene.firstDay, epoch), (epoch, .june(2040))] as [(Timestamp, Timestamp)])
    func theDevicesJumps(from: Timestamp, to: Timestamp) async throws {
        let scene = try await Scene.make(deviceClock: from)
        scene.pass(.days(91))
        scene.device.clock.set(to: to)
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true])
    }

    /// The clock is put back while nothing is reached: that it lasts is noticed all the same.
    @Test func theDevicesIsPutBackWhileConnectionsFail() async throws {
        let scene = try await Scene.make(deviceClock: .june(2040))
        try await scene.device.run { agent in
            try await eventually("it fails") { try await agent.status().lastError != nil }
            scene.device.clock.set(to: Scene.firstDay)
            for _ in 0..<3 {
                _ = try? await agent.synchronize()
                scene.device.clock.advance(by: .minutes(1))
            }
            #expect(try await agent.status().lastError?.since == Scene.firstDay)
        }
        try await scene.meet()
        #expect(try await scene.server.events(of: scene.id, type: EventType.synchronizationFailed).count == 1)
    }

    /// Certificates are then not valid yet: nobody is locked out for it, and once the clock is right all goes on.
    @Test(arguments: [.hours(1), .days(2), .days(365), .days(30 * 365)] as [Duration])
    func theServersIsPutBack(by distance: Duration) async throws {
        let scene = try await Scene.make()
        scene.pass(.days(45))
        try await scene.meet(times: 2)
        let right = scene.server.clock.now
        scene.server.clock.set(to: right - distance)
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true])
        scene.server.clock.set(to: right + .days(40))
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true, true])
    }

    /// While the server believes that years have passed it refuses; set right, the same device is served, and nobody touched it.
    @Test func theServersIsFarAhead() async throws {
        let scene = try await Scene.make()
        scene.server.clock.set(to: .june(2040))
        #expect(try await scene.meetInVain().reason == "certificateExpired")
        scene.server.clock.set(to: Scene.firstDay)
        #expect(try await scene.meet().lastError == nil)
        #expect(try await scene.certificates.count == 1)
    }

    /// A certificate that was renewed while the server's clock was ahead stays good when the clock is right again.
    @Test func renewedByAClockAhead() async throws {
        let scene = try await Scene.make()
        scene.server.clock.set(to: Scene.firstDay + .days(450))
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true])
        scene.server.clock.set(to: Scene.firstDay)
        for _ in 0..<6 {
            scene.pass(.days(90))
            #expect(try await scene.meet(times: 2).lastError == nil)
        }
    }
}

/// Dates of certificates are the business of rules, not of TLS: neither side's handshake looks at them.
@Suite("Dates and TLS", .timeLimit(.minutes(5)))
struct DateTests {
    @Test(arguments: [Timestamp.june(2001), .june(2045)])
    func tlsLooksAtNoDates(day: Timestamp) async throws {
        let scene = try await Scene.make(on: day)
        scene.pass(.days(91))
        let status = try await scene.meet(times: 2)
        let (mine, server) = (try scene.device.certificate, try #require(status.serverCertificate))
        let isPast = day < .now()
        for (notBefore, notAfter) in [(mine.notBefore, mine.notAfter), (server.notBefore, server.notAfter)] {
            #expect(isPast ? notAfter < .now() : notBefore > .now(), "by the real clock it is not valid")
        }
        #expect(try await scene.certificates.map(\.used) == [true, true])
    }
}
