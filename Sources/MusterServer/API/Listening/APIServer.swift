import Hummingbird
import HummingbirdCore
package import Logging
package import MusterModel
package import MusterStore
import NIOCore
import ServiceLifecycle

/// The HTTPS API as a service of the server's group: listens, answers from `RouteTable`, ends followers and drains on graceful shutdown.
package struct APIServer: Service {
    /// What it answers, for tests.
    package let table: RouteTable
    private let application: Application<APIResponder>
    private let configuration: APIServerConfiguration
    private let bound: BoundPort
    private let tls: TLSContextHolder

    /// - Throws: NIOSSL's error for a certificate or key that cannot be used.
    package static func make(
        configuration: APIServerConfiguration, store: Store, backend: any APIBackend, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) throws -> APIServer {
        let services = APIServices(store: store, backend: backend, logger: logger, configuration: configuration, now: now)
        let table = RouteTable(services)
        let bound = BoundPort()
        let tls = TLSContextHolder(try ServedCertificate(configuration.certificate))
        let responder = APIResponder(table: table, authenticator: services.authenticator)
        let application = Application(
            responder: responder, server: server(configuration, tls),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), backlog: configuration.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections, logger: logger)),
            onServerRunning: { bound.listening(on: $0.localAddress?.port ?? configuration.port) }, logger: logger)
        return APIServer(table: table, application: application, configuration: configuration, bound: bound, tls: tls)
    }

    private static func server(_ configuration: APIServerConfiguration, _ tls: TLSContextHolder) -> HTTPServerBuilder {
        let http = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(configuration.idleTimeout),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)
        )
        return HTTPServerBuilder { responder in
            APITLSChannel(http: HTTP1Channel(responder: responder, configuration: http), context: tls)
        }
    }

    package func run() async throws {
        do {
            try await application.run()
            bound.failed(CancellationError())
        } catch {
            guard !bound.isKnown else { throw error }
            let error = ServerError.cannotListen(
                "the API on TCP", host: configuration.host, port: configuration.port, option: "--https-port", error)
            bound.failed(error)
            throw error
        }
    }

    /// The port it listens on; waits until it does, and throws when it ended before.
    package var port: Int { get async throws { try await bound.value() } }

    /// From the next connection on.
    package func replaceCertificate(_ certificate: APICertificate) throws {
        tls.replace(try ServedCertificate(certificate))
    }

    /// What it shows, DER.
    var certificate: [UInt8] { tls.current.der }
}
