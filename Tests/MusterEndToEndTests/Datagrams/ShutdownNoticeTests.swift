import Foundation
import MusterModel
import MusterSession
import MusterTestKit
import MusterTrust
import MusterWire
import Testing

/// A device says by UDP that it goes away.
@Suite(.fewAtATime, .needsRoot, .timeLimit(.minutes(30)))
struct ShutdownNoticeTests {
    @Test func anAgentThatIsStoppedSaysSo() async throws {
        let site = try await DatagramSite(systemctl: "exit 1")
        #expect(try await site.server.musterJSON("server", "status").first?["lastNotice"] == nil, "none ever came in")
        try await site.agent.stop()
        try await eventually("the notice is here") { try await site.state() == "agent-stopped" }
        #expect(try await site.reasons() == ["agent-stopped"])
        let datagrams = try await site.datagrams()
        #expect(datagrams.number("valid") == 1 && datagrams.number("copy") == 2, "\(datagrams)")

        // That one came is known also after a restart.
        try await site.server.stop()
        try await site.server.start()
        #expect(try await site.server.musterJSON("server", "status").first?["lastNotice"] != nil)
    }

    @Test(arguments: [("poweroff", "power-off", "shut-down"), ("kexec", "reboot", "rebooting")])
    func whatSystemdIsAboutToDo(target: String, kind: String, state: String) async throws {
        let site = try await DatagramSite(systemctl: "echo '  93 \(target).target start waiting'")
        try await site.agent.stop()
        try await eventually("the notice is here") { try await site.state() == state }
        #expect(try await site.reasons() == [kind])
    }

    @Test func itComesAlsoWhereTCPDoesNot() async throws {
        let site = try await DatagramSite(systemctl: "echo '1 poweroff.target start running'")
        try await site.network.onDevice(
            "nft -f -",
            input:
                "add table inet f\nadd chain inet f out { type filter hook output priority 0; }\nadd rule inet f out meta l4proto tcp drop"
        )
        try await site.agent.stop()
        try await eventually("the notice is here") { try await site.state() == "shut-down" }
        #expect(try await site.reasons() == [], "the event waits on the device")
    }

    @Test func aSuspendedDeviceSaysSoAndConnectsWhenItWakesUp() async throws {
        let site = try await DatagramSite()
        try await site.agent.command("notice", "suspend").succeeded()
        try await eventually("the notice is here") { try await site.state() == "suspended" }
        #expect(try await site.reasons() == ["suspend"])
        try await site.agent.settled(site.network)
        let before = try await site.network.connectionsBegun()
        try await site.agent.command("notice", "resume").succeeded()
        try await eventually("it connects") { try await site.network.connectionsBegun() == before + 1 }
        let wrong = try await site.agent.command("notice", "sleep")
        #expect(wrong.status == 64 && wrong.error.contains("suspend or resume"))
    }

    @Test func whatIsNotTheDevicesIsCountedAndForgotten() async throws {
        let site = try await DatagramSite()
        let stranger = PrivateKey.generate()
        let device = try #require(DeviceID(site.device))
        func notice(_ device: DeviceID, reason: UInt8 = 1) throws -> [UInt8] {
            try Datagram(
                kind: .shutdownNotice, reason: reason, keyID: Digest(keyID: stranger.pin), device: device, counter: .max,
                time: .now(), runID: 1
            ).signed(with: stranger)
        }
        let bad = [
            try notice(device), try notice(.random()), try notice(device, reason: 9), Array(try notice(device).prefix(80)), [],
        ]
        try await site.network.send(bad, to: DeviceNetwork.serverAddress, port: site.server.udpPort)
        try await eventually("they were looked at") {
            let datagrams = try await site.datagrams()
            return datagrams.number("unknown-device") == 2 && datagrams.number("malformed") == 3
        }
        #expect(try await site.state() == "on-schedule")
        #expect(try await site.datagrams().number("valid") == nil)
    }
}

extension DatagramSite {
    fileprivate func state() async throws -> String? { try await server.device(device).object("connectionState").text("code") }

    /// Of the events that say that the agent stopped.
    fileprivate func reasons() async throws -> [String] {
        try await server.events("agent-stopped", of: device).compactMap { $0.parameter("reason") as? String }
    }
}
