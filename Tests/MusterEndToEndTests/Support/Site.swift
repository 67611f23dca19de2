import Foundation
import MusterTestKit

/// A server, and one device that runs and has synchronized.
struct Site {
    let server: TestServer
    let agent: TestAgent
    let device: String

    init(database: DatabaseKind = .sqlite, settings: [String: Any] = [:]) async throws {
        server = try await TestServer(database: database.makeURL(), settings: settings)
        try await server.start()
        agent = try TestAgent(server: server)
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        device = try await agent.deviceID
    }

    /// From now on only the device's own connections bring it anything. Of all agents on this machine one has the UDP port: whether
    /// connection requests reach this one, and whether it says that it could not have the port, is chance.
    func withoutConnectionRequests() async throws {
        try await server.muster(
            "policies", "create", "Without requests", "--application", "network-agent", "--group", "/", "--set",
            "connection-requests=off"
        ).succeeded()
        // Held, in force and then known to the server: until then it may still send one.
        try await eventually("the device listens for no connection request") {
            try await agent.sync()
            return try await agent.command("status").output.contains("not listened for, by the settings")
        }
        try await agent.sync()
    }

    /// The device's events of one type, in order.
    func events(_ type: String) async throws -> [[String: Any]] {
        try await server.events(type, of: device)
    }
}

extension TestServer {
    func events(_ type: String, of device: String) async throws -> [[String: Any]] {
        try await musterJSON("events", "list", "--device", device, "--limit", "100000").filter { $0["type"] as? String == type }
    }

    func device(_ id: String) async throws -> [String: Any] {
        guard let device = try await musterJSON("devices", "show", id).first else {
            throw FixtureError(description: "no device \(id)")
        }
        return device
    }

    /// How many connections ended for a reason.
    func closes(_ reason: String) async throws -> Int {
        let status = try await musterJSON("server", "status").first
        return (status?["closes"] as? [String: Any])?[reason] as? Int ?? 0
    }
}

/// The databases a server works on.
enum DatabaseKind: String, CaseIterable {
    case sqlite, postgresql

    /// Nil for the embedded one.
    func makeURL() throws -> String? {
        switch self {
        case .sqlite: nil
        case .postgresql: try PostgreSQLFixture.shared().makeDatabase()
        }
    }
}

extension [[String: Any]] {
    func texts(_ member: String) -> [String] { compactMap { $0[member] as? String } }
    func numbers(_ member: String) -> [Int] { compactMap { $0[member] as? Int } }
}

extension [String: Any] {
    func object(_ member: String) -> [String: Any] { self[member] as? [String: Any] ?? [:] }
    func text(_ member: String) -> String? { self[member] as? String }
    func number(_ member: String) -> Int? { self[member] as? Int }

    /// Of an event: each parameter is an object of one member that names its type.
    func parameter(_ name: String) -> Any? { object("parameters").object(name).values.first }
}

/// A time as JSON has it.
func time(_ text: String?) -> Date? {
    text.flatMap { try? Date($0, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)) }
}
