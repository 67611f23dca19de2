import Foundation
import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust
import Testing

@testable import MusterAgent
@testable import MusterServer

@Suite("The server's own certificates", .timeLimit(.minutes(5)))
struct ServerCertificateTests {
    /// Agents go by the key: a certificate that ended under a running server, or is not valid yet, is no matter to them.
    @Test(arguments: [.june(2009), Scene.firstDay + .days(1000)] as [Timestamp])
    func oneThatIsNotValidIsNoMatter(made: Timestamp) async throws {
        let scene = try await Scene.make()
        let identity = try scene.server.identity
        let der = try ServerCertificate.make(key: identity.server.key, now: made, lifetime: .days(30))
        scene.pass(.days(91))
        let status = try await scene.server.run { server in
            server.services.gateway.tls.replace(try ServedCertificate(forAgents: der, keyPEM: identity.server.key.pem))
            return try await scene.device.run { agent in
                for _ in 0..<2 { _ = try await agent.synchronize() }
                return try await agent.status()
            }
        }
        #expect(status.lastError == nil)
        #expect(status.serverCertificate?.fingerprint == Fingerprint(hashing: der))
        #expect(try await scene.certificates.map(\.used) == [true, true])
    }

    /// Both are made anew while the server runs, 30 days before their end; agents show the new one after their next connection.
    @Test func theyAreMadeAnewWhileItRuns() async throws {
        let scene = try await Scene.make()
        let identity = try scene.server.identity
        for own in [identity.server, identity.api] { try own.makeOne(endingAt: Scene.firstDay + .days(40)) }
        let old = try [identity.server, identity.api].map { try CertificateFacts(der: scene.server.directory.read($0.file)) }
        try await scene.server.run { server in
            try await scene.device.run { agent in
                _ = try await agent.synchronize()
                #expect(try await agent.status().serverCertificate?.fingerprint == old[0].fingerprint)
                for _ in 1...9 { try await server.passDay(with: scene) }
                #expect(try await server.shown == old.map(\.fingerprint))
                for _ in 10...11 { try await server.passDay(with: scene) }
                let new = try [identity.server, identity.api].map {
                    try CertificateFacts(der: scene.server.directory.read($0.file))
                }
                #expect(try await server.shown == new.map(\.fingerprint))
                #expect(new.map(\.pin) == old.map(\.pin))
                #expect(new.allSatisfy { $0.notAfter > Scene.firstDay + .days(800) })
                _ = try await agent.synchronize()
                #expect(try await agent.status().serverCertificate?.fingerprint == new[0].fingerprint)
            }
        }
    }

    /// The settings have other names for the server than `init` was given: the same key, another certificate, once.
    @Test func otherNamesAreInANewOne() async throws {
        let scene = try await Scene.make()
        let directory = scene.server.directory
        let api = try ServerIdentity(directory).api
        let first = try api.current(now: scene.server.clock.now)
        #expect(try directory.read(api.file) == first, "what init made stays")
        let named = try ServerIdentity(directory, externalAddresses: ["muster.example.com", "192.0.2.7"]).api
        let second = try named.current(now: scene.server.clock.now)
        #expect(second != first && ServerCertificate.isFor(["muster.example.com", "192.0.2.7"], der: second))
        #expect(try CertificateFacts(der: second).pin == CertificateFacts(der: first).pin)
        #expect(try named.current(now: scene.server.clock.now) == second)
    }

    /// What cannot be written is not shown; the next day it is tried again.
    @Test func aFullDiskDelaysIt() async throws {
        let scene = try await Scene.make()
        let own = try scene.server.identity.server
        try own.makeOne(endingAt: Scene.firstDay + .days(31))
        let old = Fingerprint(hashing: try scene.server.directory.read(own.file))
        let obstacle = own.file + ".new/obstacle"
        try await scene.server.run { server in
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
            for _ in 1...3 { try await server.passDay(with: scene) }
            #expect(try await server.shown[0] == old)
            try FileManager.default.removeItem(atPath: own.file + ".new")
            try await server.passDay(with: scene)
            #expect(try await server.shown[0] != old)
        }
    }

    /// A certificate from a time when the server's clock was ahead is not valid for years: with the clock right it is made anew.
    @Test func oneFromTheFutureIsMadeAnew() async throws {
        let scene = try await Scene.make()
        let own = try scene.server.identity.api
        scene.server.clock.set(to: .june(2040))
        let ahead = try own.current(now: .june(2040))
        #expect(try own.current(now: Scene.firstDay) != ahead)
        #expect(try CertificateFacts(der: own.current(now: Scene.firstDay)).notBefore < Scene.firstDay)
    }
}

extension OwnCertificate {
    fileprivate func makeOne(endingAt end: Timestamp) throws {
        try directory.write(try ServerCertificate.make(key: key, names: names, now: end - lifetime, lifetime: lifetime), to: file)
    }
}

extension RunningServer {
    /// Fingerprints of what is shown to agents and over HTTPS, to a stranger's eyes.
    fileprivate var shown: [Fingerprint] {
        get async throws {
            var fingerprints: [Fingerprint] = []
            for port in [site.address.port, site.address.apiPort] {
                fingerprints.append(Fingerprint(hashing: try await Presented.certificate(host: site.address.host, port: port)))
            }
            return fingerprints
        }
    }

    /// Until what looks once a day has looked.
    fileprivate func passDay(with scene: Scene) async throws {
        try await eventually("it sleeps") { scene.server.clock.sleepers == 1 }
        scene.pass(.hours(24))
        try await eventually("it has looked") { scene.server.clock.sleepers == 1 }
    }
}
