import Foundation
import MusterTestKit
import Testing

extension BadDays {
    /// The disk under the server's database fails: it stops at once, never tries again, and recovers when it is started.
    struct DiskErrorTests {
        @Test(arguments: ["fsync,fdatasync", "pwrite64"])
        func theServerStops(calls: String) async throws {
            var chance = SeededGenerator(printedFor: "disk errors")
            let files = try TemporaryDirectory()
            let server = try await TestServer()
            try await server.start()
            let devices = [try await Device(at: server), try await Device(at: server)]
            try await server.stop()
            for device in devices {
                try await device.agent.start()
                device.source.start()
            }
            for round in 1...3 {
                let trace = files.file("trace-\(round)")
                let first = Int.random(in: 20...60, using: &chance)
                try await server.start(under: strace(calls, from: first, to: trace))
                for device in devices { device.source.nudge() }
                #expect(try await server.exitStatus() == 74)
                #expect(try failures(in: trace) == 1)
                #expect(server.log.components(separatedBy: "stopping at once").count == round + 1)
            }
            try await server.start()
            for device in devices { await device.source.stop() }
            for device in devices {
                try await device.synchronize()
                let account = try await EventAccount(of: device.agent, at: server)
                #expect(account.faults(against: device.source.raised) == [])
                #expect(device.source.raised.count > 20)
            }
        }

        /// From the call with that number on, counted in each thread, all of them fail.
        private func strace(_ calls: String, from first: Int, to trace: String) -> [String] {
            [
                "strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "trace=\(calls)", "-e",
                "inject=\(calls):error=EIO:when=\(first)+",
            ]
        }

        private func failures(in trace: String) throws -> Int {
            try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count { $0.contains("(INJECTED)") }
        }
    }
}
