import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// The firewalls that devices have, the real ones of Debian, and the agent's UDP port in them.
@Suite(.needsRoot, .oneAtATime)
struct FirewallTests {
    /// A firewall as an administrator switches it on, and loads it anew later.
    struct Firewall: CustomTestStringConvertible, Sendable {
        let name: String
        let start: String
        let reload: String
        /// Shows its rules.
        let list: String

        var testDescription: String { name }

        static let ufw = Firewall(name: "ufw", start: "ufw --force enable", reload: "ufw reload", list: "ufw status")
        static let firewalld = Firewall(
            name: "firewalld", start: "systemctl unmask firewalld && systemctl start firewalld && firewall-cmd --state",
            reload: "firewall-cmd --reload",
            list: "firewall-cmd --list-ports; firewall-cmd --permanent --list-ports")
        /// Its policy accepts, its last rule refuses: as many write it.
        static let nftables = Firewall(
            name: "nftables",
            start: """
                nft -f - <<'RULES'
                table inet filter {
                  chain input {
                    type filter hook input priority filter; policy accept;
                    ct state established,related accept
                    iif lo accept
                    meta l4proto icmp accept
                    counter reject
                  }
                }
                RULES
                """, reload: "true", list: "nft list ruleset")
    }

    /// Where the network lets UDP 15000 through, the device's own firewall decides.
    @Test(arguments: [Firewall.ufw, .firewalld, .nftables])
    func theAgentOpensItsPortWhenTheSettingsSaySo(firewall: Firewall) async throws {
        try await withLab(LabPlan([("krk-pc-04", .hosting)])) { lab in
            let (server, device) = (lab.server, try lab.device("krk-pc-04"))
            func enrol(_ package: String, _ options: [String] = []) async throws {
                try await server.makePackage(package, options)
                let said = try await device.installDownload(environment: "MUSTER_REPLACE=1")
                #expect(said.contains("Connected to "), "\(said)")
                try await device.sync()
            }
            try await enrol("Looks")
            try await reaches(device, from: server)
            try await device.run(firewall.start).succeeded()

            // It looks at its start, and every 10 minutes.
            try await device.run("systemctl restart muster-agent").succeeded()
            try await device.waitForAgent()
            try await check(device, status: 19, says: "but this device's firewall (\(firewall.name)) drops what comes")
            let waiting = try await server.syncWithoutSession(device, timeout: "10s")
            #expect(waiting.output.contains("no answer to the connection request"), "\(waiting.output)\(waiting.error)")

            try await enrol("Opens", ["--firewall", "on"])
            try await check(device, status: 0, says: "and no firewall of this device is in the way")
            try await reaches(device, from: server)
            #expect(try await device.run(firewall.list).output.contains("15000"))
            try await device.run(firewall.reload).succeeded()
            try await reaches(device, from: server)

            try await enrol("Closes", ["--firewall", "off"])
            try await check(device, status: 19, says: "but this device's firewall (\(firewall.name)) drops what comes")
            let list = try await device.run(firewall.list).output
            #expect(!list.contains("15000"), "\(list)")
        }
    }

    /// The settings have come, the firewall may still be changing.
    private func check(_ device: LabDevice, status: Int32, says text: String) async throws {
        var last: CommandResult?
        try await eventually("check says \(text)", state: { "\(last?.output ?? "")" }) {
            let result = try await device.agent("check")
            last = result
            return result.status == status && result.output.contains(text)
        }
    }

    /// A device that has just changed something may come by itself before it is asked: then it is asked again.
    private func reaches(_ device: LabDevice, from server: LabServer) async throws {
        var last: CommandResult?
        try await eventually("a connection request gets through", state: { "\(last?.output ?? "")" }) {
            let sync = try await server.syncWithoutSession(device)
            last = sync
            return sync.status == 0 && sync.output.contains("connection request sent, connected after ")
        }
    }
}
