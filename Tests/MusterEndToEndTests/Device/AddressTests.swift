import Foundation
import MusterTestKit
import Testing

/// A device that gets another address does not wait for its interval.
@Suite(.fewAtATime, .needsRoot)
struct AddressTests {
    @Test(.timeLimit(.minutes(30))) func anotherAddressConnectsAtOnce() async throws {
        let site = try await Site()
        let name = "muster\(Int.random(in: 100...99_999))"
        let address = "198.51.100.\(Int.random(in: 1...254))"
        let before = try #require(try await site.server.device(site.device).text("lastConnection"))
        try await runProgram("/usr/sbin/ip", ["link", "add", name, "type", "veth", "peer", "name", "\(name)p"]).succeeded()
        do {
            try await runProgram("/usr/sbin/ip", ["address", "add", "\(address)/32", "dev", name]).succeeded()
            try await runProgram("/usr/sbin/ip", ["link", "set", name, "up"]).succeeded()
            try await eventually("the device connects", state: { site.agent.log }) {
                try await site.server.device(site.device).text("lastConnection") != before
            }
            #expect(site.agent.log.contains(address))
        } catch {
            _ = try? await runProgram("/usr/sbin/ip", ["link", "delete", name])
            throw error
        }
        try await runProgram("/usr/sbin/ip", ["link", "delete", name]).succeeded()
    }
}
