import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// A server in an office, and devices wherever devices are.
@Suite(.needsRoot, .oneAtATime)
struct InternetTests {
    @Test func devicesAnywhereEnrolByPackageSynchronizeActAndReport() async throws {
        try await withLab(.everywhere) { lab in
            let server = lab.server
            try await installPackages(in: lab)
            let devices = try await server.musterJSON("devices", "list")
            #expect(Set(devices.texts("name")) == Set(lab.devices.map(\.name)) && devices.count == lab.devices.count)
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
            try await lab.onAll { try await act(on: $0, of: server) }
        }
    }

    /// One package for those in the office, one for all others; each is downloaded once and installed by several.
    private func installPackages(in lab: Lab) async throws {
        for (name, address, isInside) in [("Inside", LabPlan.internalName, true), ("Outside", LabPlan.externalName, false)] {
            try await lab.server.makePackage(name, at: [address])
            for device in lab.devices where (device.host.place == .office) == isInside {
                let said = try await device.installDownload().split(whereSeparator: \.isNewline).last ?? ""
                #expect(said.hasPrefix("Connected to \(address):13000 as \(device.name). "), "\(device.name): \(said)")
            }
            let count = lab.devices.count { ($0.host.place == .office) == isInside }
            #expect(try await lab.server.musterJSON("packages", "show", name, "--devices").count == count)
        }
    }

    /// Where UDP 15000 gets in, in the office and in the hosting place, an action is there at once; elsewhere it waits for the device's next
    /// synchronization, and says so.
    private func act(on device: LabDevice, of server: LabServer) async throws {
        let isOpen = [.office, .hosting].contains(device.host.place)
        let sync = try await server.syncWithoutSession(device, timeout: isOpen ? "60s" : "10s")
        let said = "\(device.name): \(sync.output)\(sync.error)"
        if isOpen {
            #expect(sync.status == 0, "\(said)")
            #expect(sync.output.contains("\(device.name): connection request sent, connected after "), "\(said)")
            #expect(sync.output.contains("\(device.name): done, state and statistics of "), "\(said)")
        } else {
            #expect(sync.status == 3 && sync.output.contains(", next synchronization 2"), "\(said)")
            #expect(sync.output.contains("; to reach it at once tick Do not disconnect (0 of 300)"), "\(said)")
            try await device.sync()
            let first = try #require(sync.output.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Action ") }, "\(said)")
            let order = String(first.split(separator: " ")[1])
            try await eventually("the action of \(device.name) is done") {
                try await server.musterJSON("actions", "show", order).texts("progress") == ["done"]
            }
        }
    }
}
