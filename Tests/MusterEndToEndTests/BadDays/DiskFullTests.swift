import Foundation
import MusterTestKit
import Testing

extension BadDays {
    /// No room: on the server's disk, on the device's.
    struct DiskFullTests {
        @Test func onTheServer() async throws {
            let disk = try await SmallDisk(mebibytes: 24)
            let server = try await TestServer(directory: disk.file("server"))
            try await server.start()
            let devices = [try await Device(at: server), try await Device(at: server)]
            for device in devices {
                try await device.agent.start()
                try await device.synchronize()
                device.source.start()
            }
            let pid = server.pid
            try disk.fill()
            try await refused(devices, by: server)
            #expect(server.isRunning)
            try disk.free()
            for device in devices { try await device.synchronize() }
            #expect(server.pid == pid)

            // Again, and killed while it is full: what it acknowledged is there when it comes back.
            try disk.fill()
            try await refused(devices, by: server)
            try await server.kill()
            try disk.free()
            try await server.start()
            for device in devices { await device.source.stop() }
            for device in devices {
                try await device.synchronize()
                let account = try await EventAccount(of: device.agent, at: server)
                #expect(account.faults(against: device.source.raised) == [])
                #expect(try await device.spool("events") == 0)
            }
        }

        /// Waits until both devices keep their events, and the server says why.
        private func refused(_ devices: [Device], by server: TestServer) async throws {
            try await eventually("the server refuses for want of room") {
                for device in devices { device.source.nudge() }
                let status = try await server.musterJSON("server", "status").first
                return ((status?["closes"] as? [String: Any])?["storageUnavailable"] as? Int ?? 0) > 0
                    && server.log.contains("error.code=full")
            }
            for device in devices {
                try await eventually("the device keeps its events") { try await device.spool("events") > 20 }
            }
        }

        @Test func onTheDevice() async throws {
            let disk = try await SmallDisk(mebibytes: 12)
            let server = try await TestServer()
            try await server.start()
            let device = try await Device(at: server, stateDirectory: disk.file("agent"))
            try await device.agent.start()
            try await device.source.raise(3)
            try await device.synchronize()
            let pid = device.agent.pid
            try disk.fill()
            // What room is left in its files is used up at first.
            try await eventually("an event is refused for want of room") {
                try await device.source.raise(20)
                return device.source.raised.last?.outcome == .refused("storageFull")
            }
            let refused = try await device.agent.command("event", "--type", "load", "--severity", "info", "--text", "no room")
            #expect(refused.status == 1)
            #expect(refused.error.contains("no room on the disk"))
            #expect(try await device.agent.status()["running"] as? Bool == true)
            try disk.free()
            try await device.source.raise(3)
            try await device.synchronize()
            #expect(device.agent.pid == pid)
            let account = try await EventAccount(of: device.agent, at: server)
            #expect(account.faults(against: device.source.raised) == [])
            #expect(device.source.raised.suffix(3).allSatisfy { $0.outcome != .refused("storageFull") })
        }
    }
}
