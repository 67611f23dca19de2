import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Days on which the way to the server is not there, or another.
@Suite(.needsRoot, .oneAtATime)
struct OutageTests {
    /// Agents wait a minute at most between attempts, with 60 s for one to fail: they come by themselves.
    @Test func aClosedPortHoldsEventsBackUntilItIsOpened() async throws {
        try await withLab(.everywhere) { lab in
            try await lab.enrolAll()
            // A session that is open as the port closes is given up after 90 s only.
            try await lab.onAll { try await lab.server.waitUntilDisconnected($0) }
            try await lab.block(.tcp(13000), at: .office)
            try await lab.onAll { device in
                try await device.event("by-hand", "while it was closed")
                guard device.host.place != .office else { return }
                #expect(try await device.agent("sync").status != 0, "\(device.name)")
                #expect(try await lab.server.events("by-hand", of: device.id).isEmpty, "\(device.name)")
            }
            try await lab.unblock(at: .office)
            try await lab.onAll { device in
                try await eventually("the event of \(device.name) is at the server") {
                    try await lab.server.events("by-hand", of: device.id).texts("text") == ["while it was closed"]
                }
            }
        }
    }

    @Test func devicesFollowTheServersNameToAnotherAddress() async throws {
        try await withLab(.everywhere) { lab in
            try await lab.enrolAll()
            try await lab.changeServerAddress()
            try await lab.onAll { device in
                try await device.event("by-hand", "to the new address")
                try await eventually("the event of \(device.name) is at the server") {
                    try await lab.server.events("by-hand", of: device.id).count == 1
                }
                let connections = try await device.run("muster-agent sync && getent hosts \(device.serverName)").succeeded()
                    .output
                #expect(connections.contains(device.host.place == .office ? "10." : "203.0.113.99"), "\(connections)")
            }
        }
    }

    @Test func aRestartedServerHasThemAllBack() async throws {
        try await withLab(.everywhere) { lab in
            try await lab.enrolAll()
            try await lab.server.stop()
            try await lab.onAll { try await $0.event("by-hand", "while it was stopped") }
            try await lab.server.start()
            try await lab.onAll { device in
                try await eventually("the event of \(device.name) is at the server") {
                    try await lab.server.events("by-hand", of: device.id).texts("text") == ["while it was stopped"]
                }
            }
        }
    }
}
