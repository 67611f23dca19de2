import Foundation
import MusterTestKit
import Testing

/// What happened to a file.
enum Damage: String, CaseIterable, Sendable {
    case missing, empty, cut, garbage, header

    func strike(_ file: String) throws {
        let content = try Data(contentsOf: URL(fileURLWithPath: file))
        // What a program that ended left of a database's log is gone with it.
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
        switch self {
        case .missing: try FileManager.default.removeItem(atPath: file)
        case .empty: try write(Data(), file)
        case .cut: try write(content.prefix(content.count / 2), file)
        case .garbage: try write(Data((0..<content.count).map { _ in UInt8.random(in: 0...255) }), file)
        // A database in which only the first pages are right.
        case .header: try write(content.prefix(8192) + Data(repeating: 0xa5, count: max(0, content.count - 8192)), file)
        }
    }

    private func write(_ content: Data, _ file: String) throws { try content.write(to: URL(fileURLWithPath: file)) }
}

/// The files of a directory with what is in them; locks and sockets left out.
private func contents(of directory: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name != "lock" {
        contents[name] = FileManager.default.contents(atPath: "\(directory)/\(name)")
    }
    return contents
}

/// Which files are there, gone or other than before.
private func changes(in directory: String, since before: [String: Data]) throws -> [String] {
    let now = try contents(of: directory)
    return Set(now.keys).union(before.keys).filter { now[$0] != before[$0] }.map {
        "\($0): \(before[$0]?.count ?? -1) → \(now[$0]?.count ?? -1) bytes"
    }
}

extension BadDays {
    /// Damaged directories: a clear error that names the file and the remedy, and nothing is changed or made anew.
    struct DamageTests {
        @Test(arguments: Damage.allCases)
        func theAgentsDatabase(_ damage: Damage) async throws {
            let server = try await TestServer()
            try await server.start()
            let device = try await Device(at: server)
            try await device.agent.start()
            try await device.synchronize()
            try await device.agent.stop()
            let file = "\(device.agent.stateDirectory)/agent.db"
            try damage.strike(file)
            let before = try contents(of: device.agent.stateDirectory)
            for command in ["run", "status"] {
                let result = try await device.agent.command(command)
                #expect(result.status == (command == "run" && damage == .missing ? 78 : 1))
                #expect(result.error.contains(file))
                #expect(!result.error.contains("***"), "SQLite's verdict is one line: \(result.error)")
                #expect(result.error.contains("muster-agent enrol"))
            }
            let sync = try await device.agent.command("sync")
            #expect(sync.status == 1)
            #expect(sync.error.contains("muster-agent run"))
            let changes = try changes(in: device.agent.stateDirectory, since: before)
            #expect(changes.isEmpty, "\(changes)")
        }

        @Test func theAgentsPermissions() async throws {
            let server = try await TestServer()
            try await server.start()
            let device = try await Device(at: server)
            let directory = device.agent.stateDirectory
            let before = try contents(of: directory)
            func expect(_ reason: String) async throws {
                for command in ["run", "status"] {
                    let result = try await device.agent.command(command)
                    #expect(result.status == 1)
                    #expect(result.error.contains(directory))
                    #expect(result.error.contains(reason))
                }
            }
            chmod(directory, 0o777)
            try await expect("chmod 0700")
            chmod(directory, 0o700)
            chown("\(directory)/agent.db", 1, 1)
            try await expect("belongs to user 1")
            chown("\(directory)/agent.db", getuid(), getgid())
            chown(directory, 1, 1)
            try await expect("belongs to user 1")
            chown(directory, getuid(), getgid())
            let changes = try changes(in: directory, since: before)
            #expect(changes.isEmpty, "\(changes)")
            // Open to readers: closed, and used.
            chmod("\(directory)/agent.db", 0o644)
            try await device.agent.start()
            try await device.synchronize()
        }

        @Test(arguments: Damage.allCases)
        func theServersDatabase(_ damage: Damage) async throws {
            try await refused(damage, "muster.db")
        }

        @Test(arguments: ["server.json", "server.key", "issuer.key", "api.key"], [Damage.missing, .cut])
        func theServersFiles(_ file: String, _ damage: Damage) async throws {
            try await refused(damage, file)
        }

        private func refused(_ damage: Damage, _ name: String) async throws {
            let server = try await TestServer()
            try await server.start()
            _ = try await Device(at: server)
            try await server.stop()
            try damage.strike("\(server.dataDirectory)/\(name)")
            let before = try contents(of: server.dataDirectory)
            let run = ["run", "--data-dir", server.dataDirectory, "--listen", server.address]
            let result = try await runProgram("muster-server", run)
            #expect(result.status == 1)
            #expect(result.error.contains(name))
            #expect(result.error.contains("from a copy"))
            // The advice not taken: init does not help either, and destroys nothing.
            let initialized = try await runProgram("muster-server", ["init", "--data-dir", server.dataDirectory])
            #expect(initialized.status == 1)
            let changes = try changes(in: server.dataDirectory, since: before)
            #expect(changes.isEmpty, "\(changes)")
        }

        @Test func anotherKeyIsNotTheServers() async throws {
            let (server, other) = (try await TestServer(), try await TestServer())
            try FileManager.default.removeItem(atPath: "\(server.dataDirectory)/server.key")
            try FileManager.default.copyItem(
                atPath: "\(other.dataDirectory)/server.key", toPath: "\(server.dataDirectory)/server.key")
            await #expect(throws: FixtureError.self) { try await server.start() }
            #expect(server.log.contains("server.key"))
            #expect(server.log.contains("from a copy"))
        }
    }
}
