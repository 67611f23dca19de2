import Foundation
import MusterAgent
import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust
import Testing

@Suite("A device that was away", .timeLimit(.minutes(5)))
struct AwayTests {
    /// Of 90 days: renewed from day 30 to 35 on, after its end too, until 400 days after it.
    @Test(arguments: [(1, false), (29, false), (36, true), (89, true), (91, true), (399, true), (489, true)] as [(Int64, Bool)])
    func comesBackByItself(days: Int64, renews: Bool) async throws {
        let scene = try await Scene.make()
        let first = try scene.device.certificate
        scene.pass(.days(days))
        let status = try await scene.meet()
        #expect(status.lastError == nil)
        #expect(status.lastSynchronization == scene.device.clock.now)
        let second = try scene.device.certificate
        #expect((second.fingerprint != first.fingerprint) == renews)
        #expect((second.publicKey != first.publicKey) == renews)
        #expect(second.subject == "\(scene.id)")
        try await scene.meet()
        #expect(try await scene.certificates.map(\.used) == (renews ? [true, true] : [true]))
        #expect(try scene.device.certificate.fingerprint == second.fingerprint)
    }

    /// Year after year, away for a year at a time.
    @Test func comesBackEachYear() async throws {
        let scene = try await Scene.make()
        for year in 1...5 {
            scene.pass(.days(365))
            try await scene.meet()
            #expect(try await scene.certificates.count == year + 1)
        }
    }

    @Test(arguments: [491, 500, 5000] as [Int64])
    func pastTheGraceItIsToldToEnrolAnew(days: Int64) async throws {
        let scene = try await Scene.make()
        let before = try await scene.certificates
        scene.pass(.days(days))
        let failure = try await scene.meetInVain()
        #expect(failure.reason == "certificateExpired")
        #expect(failure.text.contains("2020-03-31"))
        #expect(failure.text.contains("enrol this device anew"))
        #expect(try await scene.certificates == before)
        // As it was told: the old state moved away, then enrolled with a new token.
        try FileManager.default.moveItem(atPath: scene.device.statePath, toPath: scene.device.files.file("old"))
        let anew = try await scene.server.run { try await scene.device.enrol(at: $0) }
        try await Scene(server: scene.server, device: scene.device, id: anew).meet()
        #expect(anew != scene.id)
    }

    /// The server was away, the device was on all the time: it comes back without anybody asking it to.
    @Test func nobodyHasToAskForIt() async throws {
        let scene = try await Scene.make()
        try await scene.device.run { agent in
            try await eventually("it notices that the server is away") { try await agent.status().lastError != nil }
            scene.pass(.days(100))
            try await scene.server.run { _ in
                try await eventually("it comes back") { try await agent.status().lastError == nil }
            }
        }
        #expect(try await scene.certificates.map(\.used) == [true, true])
    }
}
