import Foundation
package import Logging
import MusterModel
import MusterStore
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The Administration Server, put together: opens the database, loads the directory, listens, and ends in the reverse order.
package struct ServerProgram: Sendable {
    package static let version = ProductVersion.current

    let directory: DataDirectory
    let options: ServerOptions
    let readyFile: String?
    let logger: Logger

    package init(directory: DataDirectory, options: ServerOptions, readyFile: String?, logger: Logger) {
        self.directory = directory
        self.options = options
        self.readyFile = readyFile
        self.logger = logger
    }

    /// Returns after SIGTERM or SIGINT, when everything is drained and written.
    package func run() async throws {
        ServerAllocator.prepare()
        try options.check()
        try directory.checkComplete()
        let lock = try DataDirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }
        let identity = try ServerIdentity(directory, externalAddresses: options.externalAddresses)
        let store = try await openStore(try identity.configuration.location(in: directory))
        do {
            try await serve(identity, store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        logger.info("server.stopped")
    }

    private func openStore(_ location: DatabaseLocation) async throws(ServerError) -> Store {
        do {
            return try await Store.open(location, logger: logger, onFatal: Self.diskFailed)
        } catch {
            throw ServerError(using: location, error)
        }
    }

    /// The disk failed under the database: nothing more may be acknowledged, so the process ends at once; it recovers at its next start.
    private static func diskFailed(_ error: StoreError) {
        FileHandle.standardError.write(Data("muster-server: the database's disk failed, stopping at once: \(error)\n".utf8))
        _exit(74)
    }

    private func serve(_ identity: ServerIdentity, _ store: Store) async throws {
        let pool = NIOThreadPool(numberOfThreads: max(2, System.coreCount))
        pool.start()
        let parts = try await ServerServices(identity: identity, store: store, pool: pool, options: options, logger: logger)
        let ready = ReadyFile(
            path: readyFile, agent: parts.gateway.bound, udp: parts.notices.bound, api: parts.api, logger: logger)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: parts.all.map { .init(service: $0) }
                    + [.init(service: ready, successTerminationBehavior: .ignore)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await services.run()
        try await pool.shutdownGracefully()
    }
}

/// Says on which ports the server got, once it serves.
private struct ReadyFile: Service {
    let path: String?
    let agent: BoundPort
    let udp: BoundPort
    let api: APIServer
    let logger: Logger

    func run() async throws {
        let ports = ["agentPort": try await agent.value(), "udpPort": try await udp.value(), "httpsPort": try await api.port]
        logger.info("server.ready", metadata: ports.mapValues { "\($0)" })
        guard let path else { return }
        try JSONEncoder().encode(ports).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
