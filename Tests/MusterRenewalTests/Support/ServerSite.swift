import Foundation
import Logging
import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust
import NIOPosix
import ServiceLifecycle

@testable import MusterServer

/// What outlives the server's process: its data directory, its clock and its address.
struct ServerSite: Sendable {
    static let principal = AuditPrincipal(kind: "system", id: "test")

    let files: TemporaryDirectory
    let clock: VirtualClock
    let address: Address

    /// An address of loopback that nobody else has, so that the ports are free at each start.
    struct Address: Sendable {
        let host = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        let port = UInt16.random(in: 20_000...29_999)
        var apiPort: UInt16 { port + 1 }
    }

    var directory: DataDirectory { DataDirectory(files.file("server")) }

    /// `muster-server init`, at the time of its clock.
    static func make(_ clock: VirtualClock) async throws -> Self {
        let site = Self(files: try TemporaryDirectory(), clock: clock, address: Address())
        try await ServerInitialization.run(
            directory: site.directory, externalAddresses: [], database: nil, logger: .quiet, now: clock.now)
        return site
    }

    var identity: ServerIdentity { get throws { try ServerIdentity(directory) } }

    /// The server's process runs while `body` does.
    /// - Parameters:
    ///   - beating: it notices by its clock, and not by that of the machine, that it was away.
    ///   - changing: at the last moment before it listens.
    func run<Result: Sendable>(
        beating: Bool = false, changing: (ServerServices) throws -> Void = { _ in },
        _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        try await withStore { store in
            let pool = NIOThreadPool(numberOfThreads: 2)
            pool.start()
            var options = ServerOptions()
            options.listen = address.host
            options.agentPort = Int(address.port)
            options.udpPort = Int(address.port)
            options.httpsPort = Int(address.apiPort)
            let result = try await onceItListens {
                let clock = clock
                let services = try await ServerServices(
                    identity: identity, store: store, pool: pool, options: options, logger: .quiet, now: { clock.now },
                    sleep: { try await clock.sleep(for: $0) },
                    beatSleep: { try await beating ? clock.sleep(for: $0) : Task.sleep(for: $0) })
                try changing(services)
                return try await serve(services, RunningServer(site: self, services: services, store: store), body)
            }
            try await pool.shutdownGracefully()
            return result
        }
    }

    /// A program that another test of this process starts holds our sockets from its fork until it has begun: so does one that was closed.
    private func onceItListens<Result>(_ run: () async throws -> Result) async throws -> Result {
        for _ in 0..<40 {
            do { return try await run() } catch let error as ServerError where error.code == .listening {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return try await run()
    }

    private func serve<Result: Sendable>(
        _ services: ServerServices, _ running: RunningServer, _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services.all, logger: .quiet))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            _ = try await services.gateway.bound.value()
            _ = try await services.api.port
            let result = try await body(running)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// The database alone, while no server runs.
    func withStore<Result: Sendable>(_ body: (Store) async throws -> Result) async throws -> Result {
        let store = try await Store.open(.sqlite(path: directory.database), logger: .quiet)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    func certificates(of device: DeviceID) async throws -> [CertificateRecord] {
        try await withStore { try await $0.fetchDevice(device)?.certificates ?? [] }
    }

    /// All events there are about a device.
    func events(of device: DeviceID, type: String? = nil) async throws -> [EventRecord] {
        try await withStore { try await $0.fetchEvents(device: device, afterPosition: 0, limit: 1000) }
            .filter { type == nil || $0.type == type }
    }
}

/// A server's process.
struct RunningServer: Sendable {
    let site: ServerSite
    let services: ServerServices
    let store: Store

    func makeToken() async throws -> EnrolmentTokenText {
        let token = EnrolmentTokenText(id: .random(), secret: .random())
        let now = site.clock.now
        try await store.createEnrolmentToken(
            EnrolmentTokenRecord(id: token.id, name: "test", created: now, expires: now + .days(1), maximumUses: nil),
            secretHash: token.hash, principal: ServerSite.principal)
        return token
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
