import Foundation
import MusterModel
import MusterSession
import MusterTestKit
import MusterTrust
import MusterWire
import Testing

/// The server asks a device by UDP to connect now.
@Suite(.fewAtATime, .needsRoot, .timeLimit(.minutes(30)))
struct ConnectionRequestTests {
    @Test func aRequestConnectsTheDevice() async throws {
        let site = try await DatagramSite()
        let before = try await site.network.connectionsBegun()
        let result = try await site.server.muster("devices", "request-connection", site.device, "--output", "json").succeeded()
        let answer = try result.object()
        #expect(answer.text("outcome") == "connected")
        #expect(try #require(answer["afterSeconds"] as? Double) < 2.5, "the first copies, not the last")
        #expect(try await site.network.connectionsBegun() == before + 1)
        let counters = try await site.counters()
        #expect(counters.number("accepted") == 1 && counters.number("signatureChecks") == 1)
        try await eventually("the server knows that it got through") {
            try await site.server.device(site.device).text("requestGotThrough") != nil
        }
        let device = try await site.server.device(site.device)
        #expect(device["behindNAT"] as? Bool == false)
        #expect(device.text("address") == DeviceNetwork.deviceAddress)

        // Known also after a restart, and rising counters with it.
        try await site.server.stop()
        try await site.server.start()
        let after = try await site.server.muster("devices", "request-connection", site.device).succeeded()
        #expect(after.output.contains("sent to UDP 15000 of \(DeviceNetwork.deviceAddress), connected after"))
        let shown = try await site.server.muster("devices", "show", site.device).succeeded().output
        #expect(shown.contains("Connection request last got through"))
        #expect(try await site.counters().number("accepted") == 2)
    }

    /// The second change comes while the device is being told of the first: it may be too late for that session, and is not left for the next
    /// synchronization.
    @Test func twoChangesInARowBothReachTheDevice() async throws {
        let site = try await DatagramSite()
        try await site.server.muster(
            "policies", "create", "Standard", "--application", "network-agent", "--group", "/", "--set", "events-held=2000"
        ).succeeded()
        for round in 1...15 {
            try await site.server.muster("policies", "set", "Standard", "events-held=\(2000 + round)").succeeded()
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...250)))
            try await site.server.muster("policies", "set", "Standard", "events-held=\(3000 + round)").succeeded()
            try await eventually(
                "change \(round) is in force", state: { String(site.agent.log.suffix(3000)) }
            ) {
                let delivery = try await site.server.muster("policies", "delivery", "Standard", "--output", "json").succeeded()
                return try delivery.object().object("counts").number("applied") == 1
            }
        }
    }

    @Test func oneThatDoesNotAnswerIsToldSo() async throws {
        let site = try await DatagramSite()
        try await site.network.onDevice(
            "nft -f -",
            input:
                "add table inet f\nadd chain inet f in { type filter hook input priority 0; policy drop; }\nadd rule inet f in meta l4proto tcp accept"
        )
        let result = try await site.server.muster("devices", "request-connection", site.device)
        #expect(result.status == 1)
        #expect(result.output.contains("no connection within 5 s; next synchronization 2"))
        #expect(try await site.counters().number("received") == 0)
        // An action waits then; ordered once more when the way is open, the device is asked anew.
        let closed = try await site.server.muster("devices", "sync", site.device)
        #expect(closed.status == 0 && closed.output.contains("no answer to the connection request"), "\(closed)")
        try await site.network.onDevice("nft delete table inet f")
        let open = try await site.server.muster("devices", "sync", site.device, "--wait", "--timeout", "60s")
        #expect(open.status == 0 && open.output.contains("connection request sent, connected after "), "\(open)")
    }

    @Test func itConnectsADeviceThatBacksOff() async throws {
        let site = try await DatagramSite()
        try await site.server.stop()
        for _ in 1...3 { _ = try await site.agent.command("sync") }
        let until = try await site.agent.status().object("lastError").text("nextTry")
        #expect(until != nil)
        // Started by hand: the agent tries again when it is time, and the request may come before that.
        try await site.server.start()
        let answer = try await site.server.musterJSON("devices", "request-connection", site.device).first
        #expect(["connected", "already-connected"].contains(answer?.text("outcome")))
        try await eventually("the failure is over") { try await site.agent.status()["lastError"] == nil }
    }

    @Test func whatIsNotTheServersCausesNoPacket() async throws {
        let site = try await DatagramSite()
        let keys = try Keys(site)
        let now = Timestamp.now()
        let before = try await site.network.connectionsBegun()
        let high = UInt64(now.milliseconds) + 1_000_000
        var forged = try keys.request(high, now)
        forged[100] ^= 1
        let bad = [
            forged, try keys.request(high, now, signedBy: .generate(), naming: keys.server),
            try keys.request(high, now, device: .random()), try keys.request(high, now, signedBy: .generate()),
            try keys.request(high, now, signedBy: keys.reserve),
            Array(try keys.request(high, now).dropLast()), try keys.request(high, now) + [0], [],
            [UInt8](repeating: 0, count: 1400),
            try keys.request(high, now - .minutes(6)), try keys.request(high, now + .minutes(6)),
            try keys.request(0, now),
        ]
        try await site.network.send(bad, to: DeviceNetwork.deviceAddress, port: 15_000)
        try await eventually("they were looked at") { try await site.counters().number("received") == bad.count }
        let counters = try await site.counters()
        #expect(counters.number("forged") == 2 && counters.number("foreign") == 3 && counters.number("truncated") == 4)
        #expect(counters.number("late") == 2 && counters.number("replayed") == 1)
        #expect(counters.number("accepted") == 0 && counters.number("signatureChecks") == 4)
        let shown = try await site.agent.command("status").succeeded().output
        #expect(shown.contains("2 forged, 1 replayed, 3 foreign, 4 truncated, 2 late"))

        // A good one, then once more, and once more after the agent's restart.
        let good = try keys.request(UInt64(now.milliseconds), now)
        try await site.network.send([good], to: DeviceNetwork.deviceAddress, port: 15_000)
        try await eventually("it connects") { try await site.network.connectionsBegun() == before + 1 }
        try await site.agent.settled(site.network)
        try await site.network.send([good, good], to: DeviceNetwork.deviceAddress, port: 15_000)
        try await eventually("they were looked at") { try await site.counters().number("replayed") == 3 }
        #expect(try await site.network.connectionsBegun() == before + 1)
        try await site.agent.stop()
        try await site.agent.start()
        try await site.agent.settled(site.network)
        let restarted = try await site.network.connectionsBegun()
        try await site.network.send([good], to: DeviceNetwork.deviceAddress, port: 15_000)
        try await eventually("it was looked at") { try await site.counters().number("replayed") == 1 }
        try await Task.sleep(for: .seconds(1))
        #expect(try await site.network.connectionsBegun() == restarted)
    }

    @Test func aFloodCostsTenSignatureChecksASecond() async throws {
        let site = try await DatagramSite()
        let keys = try Keys(site)
        var forged = try keys.request(.max, .now())
        forged[100] ^= 1
        let before = try await site.network.connectionsBegun()
        let began = Date()
        try await site.network.send(
            Array(repeating: forged, count: 3000), to: DeviceNetwork.deviceAddress, port: 15_000, aSecond: 1000)
        let counters = try await site.counters()
        let seconds = Date().timeIntervalSince(began)
        let checks = try #require(counters.number("signatureChecks"))
        #expect(checks >= 10 && Double(checks) <= 10 * (seconds + 1), "\(checks) in \(seconds) s")
        #expect(try #require(counters.number("flooded")) > 1000)
        #expect(try await site.network.connectionsBegun() == before)
    }
}

/// The keys of a server, read from its disk, and datagrams signed with them.
private struct Keys {
    let server: PrivateKey
    let reserve: PrivateKey
    let device: DeviceID

    init(_ site: DatagramSite) throws {
        func key(_ name: String) throws -> PrivateKey {
            try PrivateKey(pem: String(contentsOfFile: "\(site.server.dataDirectory)/\(name).key", encoding: .utf8))
        }
        server = try key("server")
        reserve = try key("reserve")
        device = try #require(DeviceID(site.device))
    }

    func request(
        _ counter: UInt64, _ time: Timestamp, device: DeviceID? = nil, signedBy key: PrivateKey? = nil, naming: PrivateKey? = nil
    ) throws -> [UInt8] {
        let key = key ?? server
        return try Datagram(
            kind: .connectionRequest, reason: 1, keyID: Digest(keyID: (naming ?? key).pin), device: device ?? self.device,
            counter: counter, time: time, runID: 0
        ).signed(with: key)
    }
}
