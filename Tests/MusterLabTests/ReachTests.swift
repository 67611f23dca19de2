import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Reaching devices that cannot be reached: permanent connections and actions.
@Suite(.needsRoot, .oneAtATime)
struct ReachTests {
    /// Behind NAT and behind a firewall no packet of the server's gets in: an action waits for the device, until its box is ticked.
    @Test(arguments: [LabPlace.home, .branch])
    func tickingDoNotDisconnectIsWhatReachesADevice(place: LabPlace) async throws {
        try await withLab(LabPlan([("krk-pc-09", place)])) { lab in
            let (server, device) = (lab.server, try lab.device("krk-pc-09"))
            try await device.enrol()
            try await device.sync()
            let waiting = try await server.orderSynchronization(of: device.name)
            try await Task.sleep(for: .seconds(4))
            #expect(try await server.action(waiting).text("progress") == "pending")

            try await server.muster("devices", "permanent-connection", device.name, "on").succeeded()
            #expect(try await server.permanentConnection(of: device) == "waiting")
            try await device.sync()
            try await eventually("the permanent connection is in force") {
                try await server.permanentConnection(of: device) == "inForce"
            }
            #expect(try await server.device(device.id)["connected"] as? Bool == true)
            try await eventually("the action that waited is done") { try await server.action(waiting).text("progress") == "done" }

            // In under a second, by the server's clock; three times, since a machine that runs other tests may be slow once.
            var fastest = Duration.seconds(60)
            for _ in 1...3 {
                let order = try await server.orderSynchronization(of: device.name)
                let done = try await eventual("the action is done") { () -> [String: Any]? in
                    let action = try await server.action(order)
                    return action.text("progress") == "done" ? action : nil
                }
                #expect(done.text("route") == "connection")
                let (ordered, accepted) = (try #require(time(done.text("created"))), try #require(time(done.text("accepted"))))
                fastest = min(fastest, .seconds(accepted.timeIntervalSince(ordered)))
            }
            #expect(fastest < .seconds(1))

            try await server.muster("devices", "permanent-connection", device.name, "off").succeeded()
            try await eventually("the device is let go") { try await server.device(device.id)["connected"] as? Bool == false }
        }
    }

    /// All of them stay; a server that comes back has all of them back by themselves.
    @Test func aRestartedServerHasItsPermanentConnectionsBack() async throws {
        try await withLab(.everywhere) { lab in
            let server = lab.server
            try await lab.enrolAll()
            try await lab.onAll { device in
                try await server.muster("devices", "permanent-connection", device.name, "on").succeeded()
                try await device.sync()
            }
            func allAreConnected() async throws {
                try await eventually("all are connected") {
                    try await server.musterJSON("devices", "list").allSatisfy { $0["connected"] as? Bool == true }
                }
            }
            try await allAreConnected()
            try await server.restart()
            try await allAreConnected()
            try await server.muster("devices", "sync", "--all", "--wait", "--timeout", "1m").succeeded()
            // Carried elsewhere with the connection open: it is back from there.
            let traveller = try lab.device("krk-pc-06")
            try await traveller.host.move(to: .hotel)
            try await eventually("it is connected from the hotel") {
                let device = try await server.device(traveller.id)
                return device.text("address") == LabPlace.hotel.outside && device["connected"] as? Bool == true
            }
            try await server.muster("devices", "sync", traveller.name, "--wait", "--timeout", "1m").succeeded()
        }
    }
}

extension LabServer {
    /// - Returns: the order's id.
    fileprivate func orderSynchronization(of device: String) async throws -> String {
        let result = try await muster("devices", "sync", device, "--output", "json").succeeded()
        guard let id = try result.object().text("id") else { throw FixtureError(description: "no order: \(result.output)") }
        return id
    }

    /// An order's action, of its only device.
    fileprivate func action(_ order: String) async throws -> [String: Any] {
        guard let action = try await musterJSON("actions", "show", order).first else {
            throw FixtureError(description: "the order \(order) has no device")
        }
        return action
    }

    fileprivate func permanentConnection(of device: LabDevice) async throws -> String? {
        let known = try await self.device(device.id)
        return (known["permanentConnection"] as? [String: Any])?.text("state")
    }
}

/// A time as JSON has it.
private func time(_ text: String?) -> Date? {
    text.flatMap { try? Date($0, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)) }
}
