import MusterTestKit
import Testing

extension BadDays {
    /// `kill -9` of server and agents at any moment, while programs on three devices raise events without pause.
    struct KillTests {
        @Test func theEmbeddedDatabase() async throws { try await kill(rounds: 50, database: nil) }

        @Test func postgreSQL() async throws { try await kill(rounds: 15, database: PostgreSQLDay.database().makeDatabase()) }

        private func kill(rounds: Int, database: String?) async throws {
            var chance = SeededGenerator(printedFor: "killed")
            let server = try await TestServer(database: database)
            try await server.start()
            var devices: [Device] = []
            for _ in 1...3 { devices.append(try await Device(at: server)) }
            for device in devices {
                try await device.agent.start()
                device.source.start()
            }
            for _ in 1...rounds {
                try await chance.pause(50...350)
                try await kill(one: Int.random(in: 0...4, using: &chance), of: server, devices, &chance)
                for device in devices { device.source.nudge() }
            }
            for device in devices { await device.source.stop() }
            for device in devices { try await account(for: device, at: server, rounds: rounds) }
        }

        /// The server, an agent, or the server and an agent.
        private func kill(
            one choice: Int, of server: TestServer, _ devices: [Device], _ chance: inout SeededGenerator
        ) async throws {
            let isServer = choice < 2
            let device = devices[choice % devices.count]
            if isServer { try await server.kill() }
            if choice > 0 { try await device.agent.kill() }
            try await chance.pause(0...100)
            if isServer { try await server.start() }
            if choice > 0 { try await device.agent.start() }
        }

        private func account(for device: Device, at server: TestServer, rounds: Int) async throws {
            try await device.synchronize()
            let account = try await EventAccount(of: device.agent, at: server)
            #expect(account.faults(against: device.source.raised) == [])
            #expect(try await device.spool("events") == 0)
            for type in ["device-rolled-back", "server-rolled-back", "events-lost-at-server", "events-dropped"] {
                #expect(account.events(of: type) == [], "a false alarm")
            }
            // It was under load: with nothing raised there is nothing to lose.
            #expect(device.source.raised.count > rounds * 5)
        }
    }
}
