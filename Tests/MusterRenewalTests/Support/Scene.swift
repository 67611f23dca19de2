import MusterAgent
import MusterModel
import MusterStore
import MusterTestKit

/// A server, and a device that it enrolled and synchronized with on the first day.
struct Scene: Sendable {
    /// 2020-01-01: every certificate made on the way is past its end by the real clock, which nobody must look at.
    static let firstDay = Timestamp(milliseconds: 1_577_836_800_000)

    var server: ServerSite
    var device: TestDevice
    let id: DeviceID

    /// - Parameter deviceClock: what the device believes the first day to be; nil for the truth.
    static func make(on day: Timestamp = firstDay, deviceClock: Timestamp? = nil) async throws -> Scene {
        let server = try await ServerSite.make(VirtualClock(day))
        let device = try TestDevice(VirtualClock(deviceClock ?? day))
        let id = try await server.run { try await device.enrol(at: $0) }
        let scene = Scene(server: server, device: device, id: id)
        try await scene.meet()
        return scene
    }

    /// Time passes for both.
    func pass(_ duration: Duration) {
        server.clock.advance(by: duration)
        device.clock.advance(by: duration)
    }

    /// Both are switched on until the device has synchronized `times` times, then both go off.
    @discardableResult
    func meet(times: Int = 1) async throws -> StatusReport {
        try await server.run { _ in
            try await device.synchronize { agent, result in
                _ = try result.get()
                for _ in 1..<times { _ = try await agent.synchronize() }
                return try await agent.status()
            }
        }
    }

    /// The device comes and is refused.
    /// - Returns: what it shows then.
    func meetInVain() async throws -> LastErrorReport {
        try await server.run { _ in
            try await device.synchronize { agent, result in
                switch result {
                case .success: throw FixtureError(description: "it was served")
                case .failure(let error) where error.code != .connectionFailed: throw error
                case .failure: break
                }
                guard let failure = try await agent.status().lastError else {
                    throw FixtureError(description: "no error is shown")
                }
                return failure
            }
        }
    }

    /// Tells a story in which a device comes once, until it did: on a busy machine what changed on it may bring it once more before it is
    /// switched off.
    /// - Parameter story: returns false where it came more often.
    static func comingOnce(_ story: () async throws -> Bool) async throws {
        for _ in 1...10 where try await story() { return }
        throw FixtureError(description: "it came more often each time")
    }

    var certificates: [CertificateRecord] { get async throws { try await server.certificates(of: id) } }
}

extension Timestamp {
    /// Noon of a first of June.
    static func june(_ year: Int) -> Timestamp { Timestamp("\(year)-06-01T12:00:00Z") ?? Timestamp(milliseconds: 0) }
}
