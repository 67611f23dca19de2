import MusterLabKit
import MusterTestKit
import Testing

/// What administrators decide while a device is switched off.
@Suite(.needsRoot, .oneAtATime)
struct PolicyWhileOffTests {
    @Test func whatWasSaidLastComesOnceWhenTheDeviceIsBack() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-04")
            try await managed.createPolicy("Watch", of: "services", "watched=first.service", "period=10s")
            try await managed.device.sync()
            try await managed.delivery("Watch", becomes: "applied")

            try await managed.host.powerOff()
            for period in ["20s", "30s", "40s"] {
                try await managed.server.muster("policies", "set", "Watch", "period=\(period)").succeeded()
            }
            try await managed.server.muster("policies", "set", "Watch", "watched=second.service,third.service").succeeded()
            let waiting = try await managed.delivery("Watch")
            #expect(waiting.text("delivery") == "pending" && waiting.text("connectionState") == "shut-down", "\(waiting)")
            let delivery = try #require(try await lab.server.musterJSON("policies", "delivery", "Watch").first)
            #expect((delivery["counts"] as? [String: Int]) == ["pending": 1] && delivery.number("revision") == 5, "\(delivery)")
            #expect(managed.settingsFile.hasSuffix("period = 10s\nwatched = first.service\n"))

            try await managed.host.boot()
            try await managed.device.waitForAgent()
            try await managed.delivery("Watch", becomes: "applied")
            #expect(managed.settingsFile.hasSuffix("period = 40s\nwatched = second.service third.service\n"))
            #expect(try await managed.timesThatCame("settings") == 1)
            try await managed.device.sync()
            #expect(try await managed.timesThatCame("settings") == 1)
        }
    }
}
