import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust
import Testing

@testable import MusterAgent
@testable import MusterServer

/// The server's database was put back to a copy made before the device renewed.
@Suite("A database that was put back", .timeLimit(.minutes(5)))
struct RestoredDatabaseTests {
    @Test(arguments: [45, 100, 399] as [Int64])
    func aDeviceThatRenewedSinceIsTakenIn(days: Int64) async throws {
        let scene = try await Scene.make()
        let backup = try scene.server.backup
        scene.pass(.days(days))
        try await scene.meet(times: 2)
        let renewed = try scene.device.certificate
        try scene.server.putBack(backup)
        #expect(try await scene.meet().lastError == nil)
        let certificates = try await scene.certificates
        #expect(certificates.map(\.fingerprint).last == renewed.fingerprint)
        #expect(certificates.map(\.generation) == [1, 2])
        #expect(certificates.map(\.used) == [true, true])
        let events = try await scene.server.events(of: scene.id, type: EventType.certificateRestored)
        #expect(events.count == 1)
        #expect(events.first?.severity == .warning)
        #expect(events.first?.parameters["certificate"] == .text("\(renewed.fingerprint)"))
        #expect(events.first?.parameters["generation"] == .integer(2))
        #expect(events.first?.parameters["address"] == .text("127.0.0.1"))
        let rollBacks = try await scene.server.events(of: scene.id, type: EventType.serverRolledBack)
        #expect(rollBacks.count == 1)
        #expect(rollBacks.first.map(\.position) ?? .max < events.first.map(\.position) ?? .min, "who follows misses nothing")
        // And from now on as if nothing had been.
        try await scene.meet()
        #expect(try await scene.server.events(of: scene.id, type: EventType.certificateRestored).count == 1)
        scene.pass(.days(45))
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true, true])
    }

    /// It ended while the device was away: it is taken in, and renews.
    @Test func alsoWhenItsTimeIsOver() async throws {
        let scene = try await Scene.make()
        let backup = try scene.server.backup
        scene.pass(.days(45))
        try await scene.meet(times: 2)
        try scene.server.putBack(backup)
        scene.pass(.days(300))
        try await scene.meet(times: 2)
        #expect(try await scene.certificates.map(\.used) == [true, true, true])
    }

    @Test func butNotPastTheGrace() async throws {
        let scene = try await Scene.make()
        let backup = try scene.server.backup
        scene.pass(.days(45))
        try await scene.meet(times: 2)
        try scene.server.putBack(backup)
        scene.pass(.days(500))
        let failure = try await scene.meetInVain()
        #expect(failure.reason == "certificateExpired")
        #expect(failure.text.contains("enrol this device anew"))
        #expect(try await scene.certificates.count == 1)
    }

    /// Renewed twice since: the newest is the device's, the one between is a copy's, whichever comes first.
    @Test(arguments: [false, true])
    func whatIsOlderThanTheNewestUsedIsNot(theOldOneFirst: Bool) async throws {
        try await Scene.comingOnce {
            let scene = try await Scene.make()
            let backup = try scene.server.backup
            scene.pass(.days(45))
            try await scene.meet(times: 2)
            let between = Scene(server: scene.server, device: try scene.device.copy(), id: scene.id)
            scene.pass(.days(45))
            try await scene.meet(times: 2)
            let newest = try scene.device.certificate.fingerprint
            try scene.server.putBack(backup)
            if theOldOneFirst {
                #expect(try await between.meet().lastError == nil)
                // It was given one of its own; were that used, it would be the newest.
                guard try await scene.certificates.map(\.used) == [true, true, false] else { return false }
            }
            #expect(try await scene.meet().lastError == nil)
            #expect(try await between.meetInVain().reason == "certificateSuperseded")
            #expect(try await scene.certificates.last { $0.used }?.fingerprint == newest)
            return true
        }
    }

    @Test func oneThatIsNotInTheDatabaseAtAllIsToldToEnrolAnew() async throws {
        let server = try await ServerSite.make(VirtualClock(Scene.firstDay))
        let backup = try server.backup
        let device = try TestDevice(VirtualClock(Scene.firstDay))
        let id = try await server.run { try await device.enrol(at: $0) }
        try server.putBack(backup)
        let failure = try await Scene(server: server, device: device, id: id).meetInVain()
        #expect(failure.reason == "unknownCertificate")
        #expect(failure.text.contains("Enrol this device anew"))
        #expect(try await server.withStore { try await $0.fetchAllDevices() } == [])
    }

    @Test func aDeletedOneIsNotTakenIn() async throws {
        let scene = try await Scene.make()
        let backup = try scene.server.backup
        scene.pass(.days(45))
        try await scene.meet(times: 2)
        try scene.server.putBack(backup)
        let (id, now) = (scene.id, scene.server.clock.now)
        _ = try await scene.server.withStore {
            try await $0.deleteDevice(id, principal: ServerSite.principal, now: now)
        }
        #expect(try await scene.meetInVain().reason == "deviceDeleted")
        let certificates = try await scene.server.withStore { try await $0.fetchAllDevices().flatMap(\.certificates) }
        #expect(certificates.map(\.revoked) == [true])
    }

    /// A certificate that names a device of ours and is signed by somebody else.
    @Test func aStrangersIsRefused() async throws {
        let scene = try await Scene.make()
        let before = try await scene.certificates
        let stranger = DeviceCertificateIssuer(key: .generate())
        let key = PrivateKey.generate()
        let forged = try stranger.issue(
            publicKeyDER: key.publicKeyDER, device: scene.id, now: scene.server.clock.now, lifetime: .days(90))
        try scene.device.replaceIdentity(keyPEM: key.pem, certificate: forged.der)
        let failure = try await scene.meetInVain()
        #expect(failure.reason == "unknownCertificate")
        #expect(failure.text == "not issued by this server")
        #expect(try await scene.certificates == before)
    }
}

extension TestDevice {
    /// As enrolment would leave it.
    fileprivate func replaceIdentity(keyPEM: String, certificate: [UInt8]) throws {
        let state = AgentState(try AgentDatabase(StateDirectory(statePath), mode: .existing))
        try state.savePendingKey(keyPEM)
        try state.adoptRenewed(certificateDER: certificate)
    }
}
