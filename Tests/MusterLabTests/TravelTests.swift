import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Devices that go elsewhere, and devices that lose their power.
@Suite(.needsRoot, .oneAtATime)
struct TravelTests {
    /// By itself, without an event: it notices within seconds and spreads over half a minute.
    @Test func anotherNetworkConnectsAtOnce() async throws {
        try await withLab(LabPlan([("krk-pc-06", .cafe)])) { lab in
            let device = try lab.device("krk-pc-06")
            try await device.enrol()
            try await device.sync()
            #expect(try await lab.server.device(device.id).text("address") == LabPlace.cafe.outside)
            try await device.host.move(to: .hotel)
            try await eventually("it is seen in the hotel") {
                try await lab.server.device(device.id).text("address") == LabPlace.hotel.outside
            }
            let before = try await lab.server.device(device.id).text("lastSynchronization")
            try await device.host.changeAddress()
            try await eventually("it synchronized with another address in the hotel") {
                try await lab.server.device(device.id).text("lastSynchronization") != before
            }
            try await device.event("by-hand", "from the hotel")
            try await eventually("the event is at the server") {
                try await lab.server.events("by-hand", of: device.id).count == 1
            }
        }
    }

    @Test func aPowerCutKeepsIdentityAndEvents() async throws {
        try await withLab(LabPlan([("krk-pc-07", .home)])) { lab in
            let device = try lab.device("krk-pc-07")
            try await device.enrol()
            try await device.sync()
            let id = try await device.id
            try await lab.block(.tcp(13000), at: .office)
            for number in 1...20 { try await device.event("by-hand", "\(number)") }
            try await device.host.cutPower()
            try await lab.unblock(at: .office)
            try await device.host.boot()
            try await device.waitForAgent()
            #expect(try await device.id == id)
            try await eventually("the events are at the server") {
                try await lab.server.events("by-hand", of: id).texts("text") == (1...20).map(String.init)
            }
            #expect(try await lab.server.musterJSON("devices", "list").texts("id") == [id])
        }
    }

    /// The last event of a device that is switched off gets out before its network goes.
    @Test(arguments: ["poweroff", "reboot"])
    func aShutdownIsHeardOf(verb: String) async throws {
        try await withLab(LabPlan([("krk-pc-07", .branch)])) { lab in
            let device = try lab.device("krk-pc-07")
            try await device.enrol()
            try await device.sync()
            let id = try await device.id
            if verb == "reboot" { try await device.host.reboot() } else { try await device.host.powerOff() }
            try await eventually("the server heard of it") { try await lab.server.events("agent-stopped", of: id).count == 1 }
            if verb == "poweroff" { try await device.host.boot() }
            try await eventually("the server heard of its start") {
                try await lab.server.events("agent-started", of: id).count == 2
            }
        }
    }
}
