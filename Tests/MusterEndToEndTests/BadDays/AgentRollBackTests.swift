import Foundation
import MusterTestKit
import Testing

extension BadDays {
    /// The device's state directory is put back to a copy taken earlier: a restored backup, a snapshot of a machine.
    struct AgentRollBackTests {
        /// A device with events that the server has, and a copy of its state that still holds them.
        private struct Restored {
            let server: TestServer
            let device: Device
            let copies = try? TemporaryDirectory()
            var copy: String { copies?.file("state") ?? "" }

            /// Three events are stored, three more are held when the copy is taken; then the server gets these and three new ones.
            init() async throws {
                server = try await TestServer()
                try await server.start()
                device = try await Device(at: server)
                try await device.agent.start()
                try await device.source.raise(3)
                try await device.synchronize()
                try await server.stop()
                try await device.source.raise(3)
                try await device.agent.stop()
                try FileManager.default.copyItem(atPath: device.agent.stateDirectory, toPath: copy)
                try await server.start()
                try await goOn(with: 3)
            }

            /// Runs until so many new events are at the server.
            func goOn(with count: Int) async throws {
                try await device.agent.start()
                try await device.source.raise(count)
                try await device.synchronize()
                try await device.agent.stop()
            }

            func putBack() throws {
                try FileManager.default.removeItem(atPath: device.agent.stateDirectory)
                try FileManager.default.copyItem(atPath: copy, toPath: device.agent.stateDirectory)
            }

            func copyAgain() throws {
                try FileManager.default.removeItem(atPath: copy)
                try FileManager.default.copyItem(atPath: device.agent.stateDirectory, toPath: copy)
            }

            func check(rolledBack: Int) async throws {
                let account = try await EventAccount(of: device.agent, at: server)
                #expect(account.faults(against: device.source.raised, rolledBack: rolledBack) == [])
                #expect(account.events(of: "device-rolled-back").count == rolledBack)
                #expect(try await device.spool("events") == 0)
            }
        }

        @Test func itIsNoticedAndNothingIsTwice() async throws {
            let restored = try await Restored()
            try restored.putBack()
            try await restored.goOn(with: 2)
            try await restored.check(rolledBack: 1)
        }

        @Test func againToTheSameCopy() async throws {
            let restored = try await Restored()
            for _ in 1...3 {
                try restored.putBack()
                try await restored.goOn(with: 2)
            }
            try await restored.check(rolledBack: 3)
        }

        /// A copy taken before the server ever heard of its events: they are stored under a new epoch, and the next time, too, they are known.
        @Test func againToACopyWithEventsThatWereStoredElsewhere() async throws {
            let restored = try await Restored()
            try restored.putBack()
            try await restored.server.stop()
            try await restored.device.agent.start()
            try await restored.device.source.raise(1)
            try await restored.device.agent.stop()
            try restored.copyAgain()
            try await restored.server.start()
            for _ in 1...3 {
                try await restored.goOn(with: 1)
                try restored.putBack()
            }
            try await restored.goOn(with: 1)
            try await restored.check(rolledBack: 4)
        }

        /// A copy of a state that was put back before, and still holds events of then.
        @Test func againToACopyTakenSince() async throws {
            let restored = try await Restored()
            try restored.putBack()
            try await restored.device.agent.start()
            try await restored.device.source.raise(2)
            try await restored.device.synchronize()
            try await restored.server.stop()
            try await restored.device.source.raise(2)
            try await restored.device.agent.stop()
            try restored.copyAgain()
            try await restored.server.start()
            try await restored.goOn(with: 3)
            try restored.putBack()
            try await restored.goOn(with: 2)
            try await restored.check(rolledBack: 2)
        }

        /// With the server away the device raises more events than it had before it was put back.
        @Test func newEventsOvertakeTheOldNumbers() async throws {
            let restored = try await Restored()
            try restored.putBack()
            try await restored.server.stop()
            try await restored.device.agent.start()
            try await restored.device.source.raise(20)
            try await restored.server.start()
            try await restored.device.synchronize()
            try await restored.device.agent.stop()
            try await restored.check(rolledBack: 1)
        }

        /// As many new events as there were old ones, number for number.
        @Test func newEventsTakeTheOldNumbers() async throws {
            let restored = try await Restored()
            let next = try await restored.device.spool("next")
            try restored.putBack()
            try await restored.server.stop()
            try await restored.device.agent.start()
            try await restored.device.source.raise(next - (try await restored.device.spool("next")))
            try await restored.server.start()
            try await restored.device.synchronize()
            try await restored.device.agent.stop()
            try await restored.check(rolledBack: 1)
        }
    }
}
