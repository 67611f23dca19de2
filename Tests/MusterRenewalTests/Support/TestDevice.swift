import Foundation
import Logging
import MusterModel
import MusterTestKit
import MusterTrust

@testable import MusterAgent
@testable import MusterServer

/// A client device: its disk, its clock, and the real agent when it is switched on.
struct TestDevice: Sendable {
    let files: TemporaryDirectory
    let clock: VirtualClock

    init(_ clock: VirtualClock) throws {
        files = try TemporaryDirectory()
        self.clock = clock
    }

    var statePath: String { files.file("state") }

    /// `muster-agent enrol`.
    @discardableResult
    func enrol(at server: RunningServer) async throws -> DeviceID {
        let address = try server.site.address.forAgents
        let options = EnrolOptions(
            stateDirectory: statePath, servers: [address], tokenText: try await server.makeToken().text,
            pins: server.services.house.pins)
        return try await AgentProgram.enrol(options).device
    }

    /// `muster-agent run`, until `body` ends; then the power goes off.
    /// - Parameter between: see `AgentStorage`.
    func run<Value: Sendable>(
        between: @escaping @Sendable () -> Void = {}, _ body: (AgentService) async throws -> Value
    ) async throws -> Value {
        try await switchOn(between) { agent, tasks in
            tasks.addTask { try await agent.run() }
            return try await body(agent)
        }
    }

    /// The same, asked to synchronize before it could connect by itself: it comes once and not twice.
    /// - Parameter body: gets how that went.
    func synchronize<Value: Sendable>(
        _ body: (AgentService, Result<SyncReport, AgentError>) async throws -> Value
    ) async throws -> Value {
        try await switchOn { agent, tasks in
            // It has something to say already.
            agent.mailbox.put(.eventsAppended)
            let result = await withCheckedContinuation { continuation in
                agent.mailbox.put(.synchronize(continuation))
                tasks.addTask { try await agent.run() }
            }
            return try await body(agent, result)
        }
    }

    private func switchOn<Value: Sendable>(
        _ between: @escaping @Sendable () -> Void = {},
        _ body: (AgentService, inout ThrowingTaskGroup<Void, any Error>) async throws -> Value
    ) async throws -> Value {
        let directory = try StateDirectory(statePath)
        let lock = try StateLock(directory, patience: .seconds(5))
        defer { withExtendedLifetime(lock) {} }
        let database = try AgentDatabase(directory, mode: .existing)
        let clock = clock
        let agent = AgentService(
            storage: AgentStorage(state: AgentState(database), spool: Spool(database), between: between),
            inventory: Inventory(root: files.path, agentVersion: "1.0", sources: []), program: SystemProgram(directories: []),
            configuration: configuration, logger: .quiet, now: { clock.now })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            return try await body(agent, &tasks)
        }
    }

    /// Of a device that has nothing installed: what the machine of the tests has would be news in the middle of a test.
    private var configuration: AgentConfiguration {
        var configuration = AgentConfiguration(directory: files.path + "/etc")
        configuration.root = files.path
        configuration.connectors = files.path + "/connectors"
        return configuration
    }

    /// Who it is, by its disk.
    var identity: Identity {
        get throws {
            guard let identity = try AgentState(AgentDatabase(StateDirectory(statePath), mode: .existing)).identity() else {
                throw FixtureError(description: "not enrolled")
            }
            return identity
        }
    }

    var certificate: CertificateFacts { get throws { try CertificateFacts(der: try identity.certificateDER) } }

    /// The same disk once more, as it is now: a cloned or backed-up machine.
    func copy() throws -> TestDevice {
        try TestDevice(clock, database: try Disk.contents(of: StateDirectory(statePath).databasePath))
    }

    /// A device with this on its disk.
    init(_ clock: VirtualClock, database: Data) throws {
        try self.init(clock)
        let directory = try StateDirectory(statePath, creating: true)
        try database.write(to: URL(fileURLWithPath: directory.databasePath))
    }
}

/// A database as a crash at this moment would leave it, also while others use it.
enum Disk {
    static func contents(of database: String) throws -> Data {
        let copy = "\(database).\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try SQLiteConnection(path: database).execute("VACUUM INTO '\(copy)'")
        return try Data(contentsOf: URL(fileURLWithPath: copy))
    }
}

extension ServerSite.Address {
    var forAgents: ServerAddress {
        get throws {
            guard let address = ServerAddress(host: host, port: port) else { throw FixtureError(description: "no address") }
            return address
        }
    }
}
