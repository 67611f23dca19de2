import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// A server in an office, and devices wherever devices are.
@Suite(.needsRoot, .oneAtATime)
struct InternetTests {
    @Test func devicesAnywhereEnrolSynchronizeAndReport() async throws {
        try await withLab(.everywhere) { lab in
            try await lab.enrolAll()
            let server = lab.server
            try await lab.onAll { device in
                try await device.sync()
                let known = try await server.device(device.id)
                #expect(known["name"] as? String == device.name, "\(known)")
                #expect((known["installedCount"] as? Int ?? 0) > 50, "\(known)")
                // The server sees the router of a device behind one that translates, and a device in the office as it is.
                let seen = device.host.place == .office ? device.host.address : device.host.addressOutside
                #expect(known["address"] as? String == seen, "\(device.name)")
                let check = try await device.agent("check")
                #expect(check.status == 0, "\(device.name): \(check.output)\(check.error)")
                try await eventually("\(device.name) is on schedule") {
                    (try await server.device(device.id)["connectionState"] as? [String: Any])?.text("code") == "on-schedule"
                }
                try await device.event("by-hand", "from \(device.name)")
                try await eventually("the event of \(device.name) is at the server") {
                    try await server.events("by-hand", of: device.id).map { $0["text"] as? String } == ["from \(device.name)"]
                }
            }
            #expect(try await server.musterJSON("devices", "list").count == lab.devices.count)
        }
    }
}
