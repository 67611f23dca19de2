import MusterTestKit
import Testing

extension BadDays {
    /// A program on the device that never stops raising events.
    struct SteadyEventsTests {
        /// However fast events come, a synchronization asked for completes, and the agent stops.
        @Test(arguments: [1, 200])
        func itSynchronizesAndStopsWhenAsked(pauseInMilliseconds pause: Int) async throws {
            let (server, device) = try await underLoad(pause: pause)
            // Begun by an event, the session is open when the synchronization is asked for.
            try await eventually("a session is open") {
                try await server.musterJSON("devices", "list").first?["connected"] as? Bool == true
            }
            try await device.synchronize(within: .seconds(20))
            #expect(try await device.agent.stop() == 0)
            try await account(for: device, at: server)
        }

        /// Nobody asks: a session that events alone keep open ends all the same.
        @Test func synchronizationsComplete() async throws {
            let (server, device) = try await underLoad(pause: 200)
            let before = try await device.agent.status()["lastSynchronization"] as? String
            try await eventually("another synchronization completes") {
                try await device.agent.status()["lastSynchronization"] as? String != before
            }
            try await device.agent.stop()
            try await account(for: device, at: server)
        }

        private func underLoad(pause: Int) async throws -> (TestServer, Device) {
            let server = try await TestServer()
            try await server.start()
            let device = try await Device(at: server)
            try await device.agent.start()
            try await device.synchronize()
            device.source.start(pause: .milliseconds(pause))
            return (server, device)
        }

        private func account(for device: Device, at server: TestServer) async throws {
            await device.source.stop()
            try await device.agent.start()
            try await device.synchronize()
            #expect(try await EventAccount(of: device.agent, at: server).faults(against: device.source.raised) == [])
        }
    }
}
