import Foundation
import Logging
import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTrust
import ServiceLifecycle
import Synchronization

/// The API over real HTTPS on loopback, with a real store on SQLite in a directory of its own and a clock the test sets.
struct APIFixture: Sendable {
    let directory: String
    let store: Store
    let backend: InMemoryBackend
    let key: PrivateKey
    let clock: TestClock
    let server: APIServer
    let configuration: APIServerConfiguration
    let port: Int
    let administrator: String

    static let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// The token's own row in the audit trail is not what a test is about.
    static let principal = AuditPrincipal(kind: "system", id: "test")

    static func with<Result: Sendable>(
        configure: (inout APIServerConfiguration) -> Void = { _ in }, _ body: (APIFixture) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("muster-api-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try await Store.open(.sqlite(path: directory + "/muster.db"), logger: logger)
        let key = PrivateKey.generate()
        let der = try ServerCertificate.make(key: key, names: ["localhost"], now: .now(), lifetime: .days(30))
        let certificate = APICertificate(chain: [der], privateKeyPEM: key.pem)
        var configuration = APIServerConfiguration(host: "127.0.0.1", port: 0, certificate: certificate)
        configure(&configuration)
        let backend = InMemoryBackend(pins: [key.pin, PrivateKey.generate().pin], store: store)
        let administrator = try await makeToken(store, role: .administrator)
        let result = try await serve(configuration, store, backend, TestClock(now)) { server, clock, port in
            try await body(
                APIFixture(
                    directory: directory, store: store, backend: backend, key: key, clock: clock, server: server,
                    configuration: configuration, port: port, administrator: administrator))
        }
        await store.close()
        return result
    }

    /// Another server on the same store, until `body` returns.
    func serveToo<Result: Sendable>(port: Int, _ body: (Int) async throws -> Result) async throws -> Result {
        var configuration = configuration
        configuration.port = port
        return try await Self.serve(configuration, store, backend, clock) { _, _, port in try await body(port) }
    }

    private static func serve<Result: Sendable>(
        _ configuration: APIServerConfiguration, _ store: Store, _ backend: InMemoryBackend, _ clock: TestClock,
        _ body: (APIServer, TestClock, Int) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try APIServer.make(
            configuration: configuration, store: store, backend: backend, logger: logger, now: { clock.now })
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result = try await body(server, clock, try await server.port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    var table: RouteTable { server.table }

    func client(_ token: String?) -> HTTPSClient { HTTPSClient(port: port, token: token) }

    var client: HTTPSClient { client(administrator) }

    func token(_ role: Role, expires: Timestamp = now + .days(1)) async throws -> String {
        try await Self.makeToken(store, role: role, expires: expires)
    }

    private static func makeToken(_ store: Store, role: Role, expires: Timestamp = now + .days(1)) async throws -> String {
        let token = APITokenText(id: .random(), secret: .random())
        let record = APITokenRecord(id: token.id, name: role.rawValue, role: role, created: now, expires: expires)
        try await store.createAPIToken(record, secretHash: token.hash, principal: principal)
        return token.text
    }
}

/// The time, as the test says it is.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ time: Timestamp) { self.time = Mutex(time) }

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}
