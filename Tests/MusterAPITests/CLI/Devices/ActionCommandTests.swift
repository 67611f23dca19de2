import Foundation
import MusterAPI
import MusterModel
import MusterTestKit
import Testing

@testable import muster

/// `muster devices sync` where nothing comes of it, and what it says for people and for programs.
struct ActionCommandTests {
    @Test func whenTheTimeIsUpEachDeviceIsSaidToStandAsItDoes() async throws {
        try await APIFixture.with { api in
            let (one, other) = (try await api.device("web"), try await api.device("web"))
            _ = try await api.device("mail")
            let result = try await MusterCommand(api)("devices", "sync", "--all", "--wait", "--timeout", "1s")
            #expect(result.status == 3)
            let lines = result.output.split(separator: "\n").map(String.init)
            let id = try #require(lines.first?.split(separator: " ").dropFirst().first, "\(result.output)")
            #expect(lines.first == "Action \(id) for 3 devices." && ActionOrderID(String(id)) != nil)
            #expect(lines.contains("mail: not done: the device is being reached"))
            for device in [one, other] {
                let name = "web (\(device.description.prefix(8)))"
                #expect(lines.contains("\(name): not done: the device is being reached"), "\(lines)")
            }
            #expect(lines.last == "Not done yet: 3 of 3. To follow it: muster actions show \(id)")
        }
    }

    @Test func forProgramsEachDeviceIsThere() async throws {
        try await APIFixture.with { api in
            let (a, b) = (try await api.device("alpha"), try await api.device("beta"))
            let result = try await MusterCommand(api)(
                "devices", "sync", "--all", "--wait", "--timeout", "1s", "--output", "json")
            #expect(result.status == 3 && result.output.hasPrefix("{"))
            let object = try result.object()
            #expect(object["total"] as? Int == 2 && object["devicesLeftOff"] == nil)
            let devices = object["devices"] as? [[String: Any]] ?? []
            #expect(Set(devices.compactMap { $0["id"] as? String }) == [a.description, b.description])
            #expect(Set(devices.compactMap { $0["name"] as? String }) == ["alpha", "beta"])
            #expect(devices.allSatisfy { $0["progress"] as? String == "pending" })
        }
    }

    @Test func moreThanItHoldsAreCounted() throws {
        let order = ActionOrderEntry(
            id: .random(), kind: "synchronize", created: .init(milliseconds: 0), expires: .init(milliseconds: 1), total: 1500,
            counts: ["pending": 1500])
        let actions = (0..<1500).map {
            ActionEntry(
                id: .random(), device: .random(), deviceName: "d\($0)", kind: "synchronize", progress: "pending",
                created: .init(milliseconds: 0))
        }
        let outcome = ActionOutcome(order, actions)
        #expect(outcome.devices.count == 1000 && outcome.devicesLeftOff == 500)
        #expect(ActionOutcome(order, []).devicesLeftOff == 1500)
    }

    @Test func aDeviceWithoutCopiesHasNothingToDecide() async throws {
        try await APIFixture.with { api in
            _ = try await api.device("alpha")
            let muster = try MusterCommand(api)
            for command in ["split", "same"] {
                let result = try await muster("devices", command, "alpha")
                #expect(result.status == 0 && result.output.contains("none") && result.output.contains("'alpha'"), "\(result)")
                #expect(try await muster("devices", command, "nobody").status == 1)
            }
        }
    }
}
