import MusterModel
import MusterStore
import MusterTestKit
import Testing

@testable import MusterAgent
@testable import MusterServer

/// Connection states and the history of connections, of a real agent at a real server, by a clock that is moved on. `run` ends as a device
/// does whose power goes off.
@Suite("Is the device there, and if not, why?", .timeLimit(.minutes(5)))
struct PresenceTests {
    @Test func withoutAWordItIsOverdueTwoIntervalsLate() async throws {
        let scene = try await PresenceScene.make()
        try await scene.server.run(beating: true) { server in
            #expect(server.status(of: scene.id)?.state == .neverConnected)
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it has left") { server.status(of: scene.id)?.state == .onSchedule }
            let due = try #require(server.services.house.liveness(of: scene.id)?.nextSynchronization)
            try await scene.pass(due - scene.server.clock.now + .minutes(29), at: server)
            #expect(server.status(of: scene.id)?.state == .onSchedule)
            try await scene.pass(.minutes(2), at: server)
            #expect(server.status(of: scene.id) == ConnectionStatus(.overdue, since: due + .minutes(30)))
            #expect(server.services.house.status().states == [.overdue: 1])
            #expect(server.services.house.devices(in: .overdue) == [scene.id])
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it was there") { server.status(of: scene.id)?.state == .onSchedule }
        }
    }

    @Test func theServersOwnAbsenceIsNotCounted() async throws {
        let scene = try await PresenceScene.make()
        try await scene.server.run(beating: true) { server in
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it has left") { server.status(of: scene.id)?.state == .onSchedule }
        }
        scene.server.clock.advance(by: .hours(5))
        try await scene.server.run(beating: true) { server in
            #expect(server.status(of: scene.id)?.state == .onSchedule, "it was down for hours")
            // As a machine that was suspended.
            scene.server.clock.advance(by: .hours(5))
            try await eventually("it notices") { scene.server.clock.sleepers == sleeping }
            #expect(server.status(of: scene.id)?.state == .onSchedule)
            try await scene.pass(.minutes(60), at: server)
            #expect(server.status(of: scene.id)?.state == .overdue)
        }
        scene.server.clock.advance(by: .hours(5))
        try await scene.server.run { server in
            #expect(server.status(of: scene.id)?.state == .overdue, "overdue before, and still")
        }
    }

    @Test(arguments: AbsenceNotice.Kind.allCases)
    func whatItSaidOutlivesTheServer(kind: AbsenceNotice.Kind) async throws {
        let scene = try await PresenceScene.make()
        let said = try await scene.server.run { server in
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it has left") { server.status(of: scene.id)?.state == .onSchedule }
            let notice = AbsenceNotice(kind: kind, time: scene.server.clock.now)
            server.services.house.context.directory.noticeReceived(scene.id, notice)
            return ConnectionStatus(ConnectionState(kind), since: notice.time)
        }
        scene.server.clock.advance(by: .minutes(5))
        try await scene.server.run { server in
            #expect(server.status(of: scene.id) == said)
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it was there") { server.status(of: scene.id)?.state == .onSchedule }
        }
        try await scene.server.run { server in #expect(server.status(of: scene.id)?.state == .onSchedule) }
    }

    @Test func aCopyWithAnOldCertificateIsRefusedAndTheDeviceGoesOn() async throws {
        let scene = try await PresenceScene.make()
        let meet = Scene(server: scene.server, device: scene.device, id: scene.id)
        try await meet.meet()
        let copy = try scene.device.copy()
        meet.pass(.days(36))
        try await meet.meet(times: 2)
        #expect(try await Scene(server: scene.server, device: copy, id: scene.id).meetInVain().reason == "certificateSuperseded")
        try await scene.server.run { server in
            let status = try #require(server.status(of: scene.id))
            #expect(status.state == .refused && status.reason == .certificateSuperseded)
            try await scene.device.run { agent in _ = try await agent.synchronize() }
            try await eventually("it was there") { server.status(of: scene.id)?.state == .onSchedule }
        }
        let history = try await scene.history()
        let refusal = try #require(history.first { $0.isRefusal })
        #expect(refusal.reason == .certificateSuperseded && refusal.text.contains("already used") && refusal.count >= 1)
        #expect(history.contains { !$0.isRefusal && $0.reason == .done })
    }

    @Test func whoAsksWhileItStartsWaitsForItsFirstConnection() async throws {
        let scene = try await PresenceScene.make()
        try await scene.server.run { _ in try await scene.device.synchronize { _, result in _ = try result.get() } }
        let reasons = Set(try await scene.history().map(\.hello))
        #expect(reasons.contains("manual") && !reasons.contains("start"), "\(reasons)")
    }

    /// Nor does it fill the history.
    @Test func aSynchronizationInWhichNothingChangedAsksTheDatabaseNothing() async throws {
        let scene = try await PresenceScene.make()
        let rounds = 25
        try await scene.server.run { server in
            try await scene.device.run { agent in
                for _ in 0..<3 { _ = try await agent.synchronize() }
                let before = server.store.callCount
                for _ in 0..<rounds { _ = try await agent.synchronize() }
                // Every 10 s what was seen goes out, which may fall into this.
                #expect(server.store.callCount - before < 10)
            }
        }
        let history = try await scene.history()
        #expect(history.reduce(0) { $0 + $1.count } >= Int64(rounds + 3))
        #expect(history.count <= 6, "\(history)")
    }

    @Test func whatWasOpenWhenTheServerCrashedIsNotOpenForEver() async throws {
        let scene = try await PresenceScene.make()
        let open = ConnectionRecord(
            number: 1, device: scene.id, opened: Scene.firstDay, address: "192.0.2.1", hello: "interval")
        try await scene.server.withStore { store in
            try await store.flushLiveness([], connections: [open], now: Scene.firstDay + .minutes(7))
        }
        scene.server.clock.advance(by: .hours(1))
        try await scene.server.run { _ in }
        let record = try #require(try await scene.history().first)
        #expect(record.reason == .serverCrashed && record.closed == Scene.firstDay + .minutes(7))
    }
}

/// What sleeps by the clock of a server that runs: its beat, and what looks after its certificates.
private let sleeping = 2

/// A server and a device that is enrolled and never connected.
private struct PresenceScene {
    let server: ServerSite
    let device: TestDevice
    let id: DeviceID

    static func make() async throws -> Self {
        let server = try await ServerSite.make(VirtualClock(Scene.firstDay))
        let device = try TestDevice(VirtualClock(Scene.firstDay))
        return Self(server: server, device: device, id: try await server.run { try await device.enrol(at: $0) })
    }

    /// Time passes, and the server is there all the while.
    func pass(_ duration: Duration, at running: RunningServer) async throws {
        var rest = duration
        while rest > .zero {
            let step = min(rest, .seconds(10))
            try await eventually("it beats") { server.clock.sleepers == sleeping }
            server.clock.advance(by: step)
            device.clock.advance(by: step)
            rest -= step
        }
        try await eventually("it beats") { server.clock.sleepers == sleeping }
    }

    func history() async throws -> [ConnectionRecord] {
        try await server.withStore { try await $0.fetchConnections(of: id, before: nil, limit: 1000) }
    }
}

extension RunningServer {
    fileprivate func status(of device: DeviceID) -> ConnectionStatus? { services.house.liveness(of: device)?.status }
}
