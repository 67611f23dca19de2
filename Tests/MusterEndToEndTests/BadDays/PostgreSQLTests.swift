import MusterTestKit
import Testing

/// The database server of these days: one whose commits wait for the disk, shared.
enum PostgreSQLDay {
    static func database() throws -> PostgreSQLFixture { try running.get() }

    private static let running = Result { try PostgreSQLFixture(isDurable: true) }
}

extension BadDays {
    /// PostgreSQL goes away under load and comes back: disconnected, restarted, crashed. The server stays.
    struct PostgreSQLTests {
        @Test func restartedUnderLoad() async throws {
            var chance = SeededGenerator(printedFor: "PostgreSQL away")
            let database = try PostgreSQLDay.database()
            let url = try database.makeDatabase()
            let server = try await TestServer(database: url)
            try await server.start()
            let devices = [try await Device(at: server), try await Device(at: server)]
            for device in devices {
                try await device.agent.start()
                device.source.start()
            }
            let pid = server.pid
            for round in 1...9 {
                try await chance.pause(100...500)
                switch round % 3 {
                case 0: try database.restart(.fast)
                case 1: try database.disconnectAll(from: url)
                default: try database.restart(.crash)
                }
                for device in devices { device.source.nudge() }
            }
            for device in devices { await device.source.stop() }
            for device in devices {
                try await device.synchronize()
                let account = try await EventAccount(of: device.agent, at: server)
                #expect(account.faults(against: device.source.raised) == [])
                #expect(device.source.raised.count > 50)
            }
            #expect(server.pid == pid)
            #expect(server.isRunning)
        }
    }
}
