import Foundation
import MusterTestKit
import Testing

extension BadDays {
    /// Enrolments interrupted anywhere, on either side, and asked for again with the same token: one device each, one use counted.
    struct InterruptedEnrolmentTests {
        @Test func oneDeviceAndOneUse() async throws {
            var chance = SeededGenerator(printedFor: "enrolments interrupted")
            let server = try await TestServer(settings: ["enrolment-rate": 1000])
            try await server.start()
            var agents: [TestAgent] = []
            for trial in 1...12 {
                let agent = try TestAgent(server: server)
                try await enrol(agent, at: server, killingServer: trial % 4 == 0, &chance)
                agents.append(agent)
            }
            var devices: Set<String> = []
            for agent in agents { devices.insert(try await agent.deviceID) }
            #expect(Set(try await server.musterJSON("devices", "list").compactMap { $0["id"] as? String }) == devices)
            #expect(devices.count == agents.count)
            let tokens = try await server.musterJSON("enrolment-tokens", "list")
            #expect(tokens.compactMap { $0["uses"] as? Int } == Array(repeating: 1, count: agents.count))
            for agent in agents.suffix(2) {
                try await agent.start()
                try await agent.sync()
            }
        }

        /// Interrupts it four times, then lets it finish.
        private func enrol(
            _ agent: TestAgent, at server: TestServer, killingServer: Bool, _ chance: inout SeededGenerator
        ) async throws {
            let (tokenFile, pins) = try await server.makeToken(uses: 1)
            let files = try TemporaryDirectory()
            let arguments =
                ["enrol", "--state-dir", agent.stateDirectory, "--server", "\(server.address):\(server.agentPort)"]
                + ["--token-file", tokenFile] + pins.flatMap { ["--pin", $0] }
            for _ in 1...4 {
                let program = try RunningProgram("muster-agent", arguments, log: files.file("log"))
                try await chance.pause(5...150)
                if killingServer { try await server.kill() }
                try await program.kill()
                if killingServer { try await server.start() }
            }
            let last = try await runProgram("muster-agent", arguments)
            #expect(last.status == 0 || last.error.contains("this device is enrolled as"), "\(last.error)")
        }
    }
}
