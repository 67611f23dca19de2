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
                try await device.event("by-hand", "from \(device.name)")
                try await eventually("the event of \(device.name) is at the server") {
                    try await server.events("by-hand", of: device.id).map { $0["text"] as? String } == ["from \(device.name)"]
                }
            }
            #expect(try await server.musterJSON("devices", "list").count == lab.devices.count)
        }
    }
}
