import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Devices that go away say why, on real systems that really go.
@Suite(.needsRoot, .oneAtATime)
struct AbsenceTests {
    /// The port for agents is closed, so that what is known came as a shutdown notice, and a device that reboots stays away.
    @Test func theNoticeAloneTellsTheReason() async throws {
        try await withLab(LabPlan([("stops", .home), ("reboots", .branch), ("sleeps", .cafe), ("is-cut", .hosting)])) { lab in
            try await lab.enrolAll()
            var ids: [String: String] = [:]
            for device in lab.devices {
                try await device.sync()
                ids[device.name] = try await device.id
                try await lab.server.becomes("on-schedule", try #require(ids[device.name]))
            }
            try await lab.block(.tcp(13000), at: .office)
            try await lab.device("stops").run("systemctl stop muster-agent").succeeded()
            try await lab.server.becomes("agent-stopped", try #require(ids["stops"]))
            try await lab.device("reboots").host.reboot()
            try await lab.server.becomes("rebooting", try #require(ids["reboots"]))
            // What systemd starts before it goes to sleep, which a container cannot.
            try await lab.device("sleeps").run("systemctl start muster-agent-sleep").succeeded()
            try await lab.server.becomes("suspended", try #require(ids["sleeps"]))
            try await lab.device("is-cut").host.cutPower()
            try await lab.server.becomes("on-schedule", try #require(ids["is-cut"]))
        }
    }

    /// All at once, so that each of them is slow: what it goes away for is still what the server hears.
    @Test func aDeviceThatIsSwitchedOffSaysSoFromAnywhere() async throws {
        try await withLab(.everywhere) { lab in
            try await lab.enrolAll()
            try await lab.onAll { device in
                try await device.sync()
                let id = try await device.id
                try await device.host.powerOff()
                try await lab.server.becomes("shut-down", id)
                try await device.host.boot()
                try await lab.server.becomes("on-schedule", id)
            }
        }
    }
}

extension LabServer {
    fileprivate func becomes(_ state: String, _ device: String) async throws {
        try await eventually(
            "its connection state is \(state)", state: { "\(try await self.device(device))" }
        ) {
            (try await self.device(device)["connectionState"] as? [String: Any])?.text("code") == state
        }
    }
}
