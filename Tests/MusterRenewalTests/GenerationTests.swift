import MusterAgent
import MusterModel
import MusterStore
import MusterTestKit
import MusterWire
import Testing

@testable import MusterServer

@Suite("Generations of a device's certificate", .timeLimit(.minutes(5)))
struct GenerationTests {
    /// The new one counts once it is used; until then the old one is good too, and afterwards it is a copy's.
    @Test func theOldOneIsGoodUntilTheNewOneIsUsed() async throws {
        try await Scene.comingOnce {
            let scene = try await Scene.make()
            scene.pass(.days(45))
            let old = Scene(server: scene.server, device: try scene.device.copy(), id: scene.id)
            try await scene.meet()
            guard try await scene.certificates.map(\.used) == [true, false] else { return false }
            // It would be served, and get a certificate of its own: not tried, so that there are two here and not three.
            let (certificate, now) = (try old.device.identity.certificateDER, scene.server.clock.now)
            let verdict = try await scene.server.run { server in
                server.services.house.context.directory.judge(certificate: certificate, now: now)
            }
            #expect(verdict.isDue)
            try await scene.meet()
            #expect(try await scene.certificates.map(\.used) == [true, true])
            let failure = try await old.meetInVain()
            #expect(failure.reason == "certificateSuperseded")
            #expect(try await scene.meet().lastError == nil)
            return true
        }
    }

    /// The server dies after the device's first use of a new certificate and before that is written down.
    @Test func theMarkIsLost() async throws {
        try await Scene.comingOnce {
            let scene = try await Scene.make()
            scene.pass(.days(45))
            let old = Scene(server: scene.server, device: try scene.device.copy(), id: scene.id)
            try await scene.meet()
            guard try await scene.certificates.map(\.used) == [true, false] else { return false }
            let unmarked = try scene.server.backup
            try await scene.meet()
            #expect(try await scene.certificates.map(\.used) == [true, true])
            try scene.server.putBack(unmarked)
            #expect(try await scene.certificates.map(\.used) == [true, false])
            #expect(try await scene.meet().lastError == nil)
            #expect(try await scene.certificates.map(\.used) == [true, true])
            #expect(try await old.meetInVain().reason == "certificateSuperseded")
            return true
        }
    }

    /// Devices that enrolled together do not renew together.
    @Test func aFleetSpreads() async throws {
        let site = try await ServerSite.make(VirtualClock(Scene.firstDay))
        let fleet = try await site.enrolFleet(of: 300)
        let due = try await site.run { server in
            (0...40 as ClosedRange<Int64>).map { day in
                let now = Scene.firstDay + .days(day)
                return fleet.count { server.services.house.context.directory.judge(certificate: $0, now: now).isDue }
            }
        }
        #expect(due[29] == 0 && due[35] == 300 && due[40] == 300)
        for day in 30..<35 { #expect((30...100).contains(due[day + 1] - due[day]), "\(due)") }
    }
}

extension CertificateVerdict {
    fileprivate var isDue: Bool {
        if case .known(let device) = self { device.renewal == .due } else { false }
    }
}
