import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Pending updates of a real Debian with the real apt, against a repository that the test makes on the device.
@Suite(.needsRoot, .oneAtATime)
struct PackageUpdateTests {
    /// A package of two versions: the first is installed, the second is in a repository for security updates.
    private static let repository = """
        set -e
        mkdir -p /repository && cd /repository
        for version in 1.0 1.1; do
            mkdir -p tree/DEBIAN
            printf 'Package: weather\nVersion: %s\nArchitecture: all\nMaintainer: t <t@t>\nDescription: a test\n' $version >tree/DEBIAN/control
            dpkg-deb --build tree weather_$version.deb >/dev/null
        done
        dpkg -i weather_1.0.deb >/dev/null
        { cat tree/DEBIAN/control
          printf 'Filename: ./weather_1.1.deb\nSize: %s\nSHA256: %s\n' $(stat -c %s weather_1.1.deb) $(sha256sum weather_1.1.deb | cut -d ' ' -f 1)
        } >Packages
        { printf 'Origin: Test\nLabel: Test-Security\nSuite: stable-security\nDate: %s\nSHA256:\n' "$(date -Ru)"
          printf ' %s %s Packages\n' $(sha256sum Packages | cut -d ' ' -f 1) $(stat -c %s Packages)
        } >Release
        echo 'deb [trusted=yes] file:/repository ./' >/etc/apt/sources.list
        apt-get update
        """

    @Test func whatIsPendingIsKnownAndWhatIsDoneTooAndARestart() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let device = try lab.device("krk-pc-04")
            try await device.enrol()
            try await device.run(Self.repository).succeeded()
            let id = try await device.id
            try await shows(device, ["updates/pending": "1", "updates/security": "1", "updates/security-packages": "weather"])
            try await eventually("the server has the event") {
                try await lab.server.events("security-updates-pending", of: id).map { $0.text("text") ?? "" }
                    == ["1 security update is pending: weather"]
            }
            try await device.run("apt-mark hold weather").succeeded()
            try await shows(device, ["updates/pending": "0", "updates/security": "0", "held": "weather"])
            try await device.run("apt-mark unhold weather && apt-get -y upgrade").succeeded()
            try await shows(device, ["updates/pending": "0", "updates/security": "0"])

            // As a package's script does that wants a restart.
            try await device.run("echo weather >/run/reboot-required.pkgs; touch /run/reboot-required").succeeded()
            try await shows(device, ["updates/pending": "0", "updates/security": "0", "restart-required": "weather"])
            try await eventually("the device's status says so") {
                let overview = try await lab.server.muster("overview", "--output", "json").succeeded().object()
                let reasons = overview["reasons"] as? [[String: Any]] ?? []
                return reasons.contains { $0.text("code") == "restart-required" }
            }
        }
    }

    /// unattended-upgrades is not installed on the lab's Debian, and there is nowhere to install it from.
    @Test func automaticUpdatesAreSwitchedOffAndOnlyWhereTheyCanBeOn() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let device = try lab.device("krk-pc-04")
            try await device.enrol()
            func deliveryBecomes(_ state: String, _ code: String?) async throws {
                try await eventually("the setting is \(state)") {
                    let found = try await lab.server.muster("policies", "delivery", "Updates", "--devices", "--output", "json")
                    let one = try found.succeeded().objects().first
                    return one?.text("delivery") == state && one?.text("code") == code
                }
            }
            try await lab.server.muster(
                "policies", "create", "Updates", "--application", "apt", "--group", "/", "--set", "automatic-updates=off"
            ).succeeded()
            try await device.sync()
            try await deliveryBecomes("applied", nil)
            let dump = try await device.run("apt-config dump APT::Periodic::Unattended-Upgrade").succeeded().output
            #expect(dump.contains("\"0\""), "\(dump)")
            try await lab.server.muster("policies", "set", "Updates", "automatic-updates=on").succeeded()
            try await device.sync()
            try await deliveryBecomes("failed", "unattendedUpgradesMissing")
            #expect(try await device.run("apt-config dump APT::Periodic::Unattended-Upgrade").output.contains("\"0\""))
        }
    }

    private func shows(_ device: LabDevice, _ facts: [String: String]) async throws {
        try await eventually("apt says \(facts)", within: .seconds(300), state: { "\(try await device.status())" }) {
            let all = try await device.status()["managedApplications"] as? [[String: Any]] ?? []
            guard let apt = all.first(where: { $0.text("application") == "apt" }) else { return false }
            let shown = (apt["facts"] as? [[String: Any]] ?? []).map { ($0.text("name") ?? "", $0.text("text") ?? "") }
            return Dictionary(shown) { $1 } == facts
        }
    }
}
