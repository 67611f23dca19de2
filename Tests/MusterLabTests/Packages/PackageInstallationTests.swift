import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Installation packages on booted Debian systems: what `apt install ./muster-agent-NAME.deb` does and says.
@Suite(.needsRoot, .oneAtATime)
struct PackageInstallationTests {
    private static let file = LabServer.download

    /// Makes a package and carries a download of it to a device.
    private func download(
        _ name: String, at address: String = LabPlan.externalName, _ options: String..., from lab: Lab, to device: LabDevice
    ) async throws {
        try await lab.server.makePackage(name, at: [address], options)
        try lab.server.host.carry(Self.file, to: device.host)
    }

    /// - Returns: what apt and the package said; its last line tells how the device stands.
    private func install(_ device: LabDevice, _ environment: String = "") async throws -> (output: String, last: String) {
        let output = try await device.installDownload(environment: environment)
        return (output, output.split(whereSeparator: \.isNewline).last.map(String.init) ?? "")
    }

    private func isEnrolled(_ device: LabDevice) async throws {
        try await eventually("\(device.name) is enrolled") {
            try await device.status()["device"] is String
        }
    }

    @Test func installsEnrolsAndStartsAndKeepsNoSecret() async throws {
        try await withLab(LabPlan([("krk-pc-01", .home)])) { lab in
            let device = try lab.device("krk-pc-01")
            try await download("Office", "--interval", "5m", from: lab, to: device)
            let secret = try await secret(in: lab)
            let (_, last) = try await install(device)
            #expect(last.hasPrefix("Connected to \(LabPlan.externalName):13000 as krk-pc-01. "), "\(last)")
            #expect(last.contains(" applications reported. Next synchronization "), "\(last)")
            let id = try await device.id
            #expect(
                try await lab.server.musterJSON("packages", "show", "Office", "--devices").map { $0["device"] as? String } == [id]
            )

            let carried = "/var/lib/dpkg/info/muster-agent.connection"
            #expect(try await device.run("stat -c '%a %s %U' \(carried)").output == "600 0 root\n")
            let nobody = try await device.run(
                "setpriv --reuid nobody --clear-groups cat \(carried) /var/lib/muster-agent/agent.db")
            #expect(nobody.status != 0 && nobody.output.isEmpty, "\(nobody)")
            #expect(try await device.run("grep -rl \(secret) /var/lib /var/log /etc /run").output == "")
            #expect(try await device.run("journalctl | grep -c \(secret)").output == "0\n")
            try await theExampleConnectorRuns(device, in: lab)

            // Upgraded, removed and put back it is the same device; purged it is none.
            try await device.run(
                """
                set -e
                dpkg-deb -R \(LabPackages.inside)/muster-agent_*.deb /root/tree
                sed -i 's/^Version: .*/Version: 9.0/' /root/tree/DEBIAN/control
                dpkg-deb -Znone -b /root/tree /root/newer.deb
                """
            ).succeeded()
            let upgrade = try await device.run("dpkg -i /root/newer.deb").succeeded()
            #expect(upgrade.output.contains("Connected to \(LabPlan.externalName):13000 as krk-pc-01."), "\(upgrade.output)")
            #expect(try await device.id == id)
            try await device.run("dpkg -r muster-agent").succeeded()
            #expect(try await device.run("pidof muster-agent").status != 0)
            try await device.run("dpkg -i /root/newer.deb").succeeded()
            #expect(try await device.id == id)
            try await device.run("dpkg -P muster-agent").succeeded()
            #expect(
                try await device.run("find / -xdev -name '*muster*' -not -path '/root/*' -not -path '/packages*'").output == "")
        }
    }

    /// From the package's documents into the directory that the package made; in the end it is as it was.
    private func theExampleConnectorRuns(_ device: LabDevice, in lab: Lab) async throws {
        let directory = "/usr/lib/muster-agent/connectors"
        #expect(
            try await device.run("stat -c '%a %U %G' /usr/lib/muster-agent \(directory)").output
                == "755 root root\n755 root root\n")
        try await device.run("install -m 755 /usr/share/doc/muster-agent/examples/connectors/sshd \(directory)/").succeeded()
        let id = try await device.id
        try await eventually("the connector speaks for sshd") {
            try await lab.server.musterJSON("devices", "applications", id)
                .contains { $0.text("application") == "sshd" && $0.text("state") == "not-installed" }
        }
        try await device.run("rm \(directory)/sshd").succeeded()
    }

    /// The secret part of the token in the download.
    private func secret(in lab: Lab) async throws -> String {
        let info = try await lab.server.host.run("dpkg-deb --info \(Self.file) connection").succeeded()
        let token = try #require(try info.object()["token"] as? String)
        return String(try #require(token.split(separator: ".").last))
    }

    @Test func succeedsWhenTheServerIsNotReachedAndGoesOnTrying() async throws {
        try await withLab(LabPlan([("krk-pc-01", .home)])) { lab in
            let device = try lab.device("krk-pc-01")
            try await download("Office", from: lab, to: device)
            try await lab.block(.tcp(13000), at: .office)
            let (_, last) = try await install(device)
            #expect(last.hasPrefix("NOT enrolled: \(LabPlan.externalName):13000 is not reached: "), "\(last)")
            #expect(last.contains("Next try in ") && last.hasSuffix("See: muster-agent check"), "\(last)")
            try await device.host.reboot()
            try await lab.unblock(at: .office)
            try await isEnrolled(device)
            let brief = try await device.agent("status", "--brief", "--wait", "60s").succeeded().output
            #expect(brief.hasPrefix("Connected to "), "\(brief)")
        }
    }

    @Test func succeedsWhenTheTokenIsRefusedAndTakesALaterPackage() async throws {
        try await withLab(LabPlan([("krk-pc-01", .home)])) { lab in
            let device = try lab.device("krk-pc-01")
            try await download("Office", from: lab, to: device)
            try await lab.server.muster("packages", "delete", "Office").succeeded()
            let (_, last) = try await install(device)
            #expect(last.hasPrefix("NOT enrolled: the token of this package was revoked"), "\(last)")
            // The same version, downloaded anew: apt installs it without being told twice.
            try await download("Branch", from: lab, to: device)
            let again = try await install(device)
            #expect(again.last.hasPrefix("Connected to "), "\(again.output)")
        }
    }

    @Test func overAnEnrolledAgentItKeepsTheIdentityAndTakesTheAddresses() async throws {
        try await withLab(LabPlan([("krk-pc-01", .office)])) { lab in
            let device = try lab.device("krk-pc-01")
            try await download("Inside", at: LabPlan.internalName, from: lab, to: device)
            _ = try await install(device)
            let id = try await device.id
            try await download("Outside", from: lab, to: device)
            let (_, last) = try await install(device)
            #expect(last.hasPrefix("Connected to "), "\(last)")
            #expect(try await device.id == id)
            let servers = ["\(LabPlan.externalName):13000", "\(LabPlan.internalName):13000"]
            #expect(try await device.status()["servers"] as? [String] == servers)
            #expect(try await lab.server.musterJSON("devices", "list").count == 1)

            // To enrol anew it has to reach the server by the package's address, and the office's router leads nobody inside to its own
            // outside: what the device was stays.
            try await lab.server.downloadPackage("Outside")
            let stayed = try await install(device, "MUSTER_REPLACE=1")
            #expect(stayed.output.contains("This device stays what it was."), "\(stayed.output)")
            #expect(stayed.last.hasPrefix("Connected to "), "\(stayed.last)")
            #expect(try await device.id == id, "\(stayed.output)")
            try await download("Anew", at: LabPlan.internalName, from: lab, to: device)
            let anew = try await install(device, "MUSTER_REPLACE=1")
            #expect(anew.last.hasPrefix("Connected to "), "\(anew.output)")
            #expect(try await device.id != id, "\(anew.output)")
            #expect(try await lab.server.musterJSON("devices", "list").count == 2)
        }
    }

    /// In a container, or where an image is made: nothing enrols, and the connection file waits for the first start.
    @Test func withoutSystemdItWaitsForTheFirstStart() async throws {
        try await withLab(LabPlan([("krk-pc-01", .home)])) { lab in
            let device = try lab.device("krk-pc-01")
            try await download("Image", from: lab, to: device)
            let result = try await device.run(
                "unshare --mount sh -c 'mount -t tmpfs tmpfs /run/systemd && dpkg -i \(Self.file)'"
            ).succeeded()
            #expect(result.output.contains("NOT started: systemd does not run here."), "\(result.output)")
            #expect(try await device.run("stat -c '%a %U' /var/lib/muster-agent/connection.json").output == "600 root\n")
            #expect(try await lab.server.musterJSON("devices", "list").isEmpty)
            try await device.host.reboot()
            try await isEnrolled(device)
            #expect(try await lab.server.musterJSON("devices", "list").count == 1)
        }
    }

    @Test func theServersPackageSaysWhatComesNextAndRunsHardened() async throws {
        try await withLab(LabPlan([])) { lab in
            let host = lab.server.host
            let pin = host.read("/var/lib/muster-server/api.pin").trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(pin.count == 64)
            try await host.run("dpkg -r muster-server").succeeded()
            #expect(host.read("/var/lib/muster-server/api.pin").contains(pin))
            let left = "dpkg -P muster-server >/dev/null; find / -xdev -name '*muster*' -not -path '\(LabPackages.inside)*'"
            #expect(try await host.run(left).output == "")
            let install = LabPackages.install("\(LabPackages.inside)/muster-server_*.deb")
            let output = try await host.run(install).succeeded().output
            for text in [
                "https://", "Server key fingerprint:", "First command", "TCP 13000 to devices (required)", "UDP 13000", "13299",
                "journalctl -u muster-server", "No external address is set yet",
            ] { #expect(output.contains(text), "\(text) in \(output)") }
            try await eventually("the server serves") {
                try await lab.server.muster("server", "status").output.contains("Server key fingerprint")
            }
            let exposure = try await host.run("systemd-analyze security muster-server --no-pager | tail -1").output
            let score = exposure.split(separator: " ").compactMap { Double($0) }.first
            #expect((score ?? 10) < 2, "\(exposure)")

            // The external address, later.
            let certificate = "grep -c \(LabPlan.externalName) /var/lib/muster-server/api.crt"
            #expect(try await host.run(certificate).output == "0\n")
            let before = host.read("/var/lib/muster-server/api.pin")
            try lab.server.set(["external-addresses": LabPlan.externalName])
            try await lab.server.restart()
            #expect(try await host.run(certificate).output == "1\n")
            #expect(host.read("/var/lib/muster-server/api.pin") == before)
        }
    }

    @Test func lintianHasNothingToSay() async throws {
        let lintian = try ProgramPath.ofSystem("lintian")
        let packages = try await LabPackages.directory()
        for name in try FileManager.default.contentsOfDirectory(atPath: packages) where name.hasSuffix(".deb") {
            let result = try await runProgram(
                lintian, ["--display-info", "--allow-root", "\(packages)/\(name)"])
            #expect(result.output == "", "\(name): \(result.output)")
        }
    }
}
