import MusterLabKit
import MusterTestKit

/// Debian's clamav-daemon on a lab's device.
enum ClamAVInstallation {
    /// A database that knows one file, in place of the official ones: their units must not wait for those, and nothing is to be downloaded.
    private static let script = """
        set -e
        export DEBIAN_FRONTEND=noninteractive
        for unit in clamav-daemon.service clamav-daemon.socket; do
            mkdir -p /etc/systemd/system/$unit.d
            printf '[Unit]\\nConditionPathExistsGlob=\\n' >/etc/systemd/system/$unit.d/own.conf
        done
        ln -s /dev/null /etc/systemd/system/clamav-freshclam.service
        mkdir -p /var/lib/clamav
        echo 44d88612fea8a8f36de82e1278abb02f:68:Test.Eicar >/var/lib/clamav/test.hdb
        apt-get install -q -y --no-install-recommends /debs/*.deb
        systemctl restart clamav-daemon.socket clamav-daemon.service
        """

    /// In two parts, so that no scanner finds it here.
    static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-"# + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

    static func make(on device: ManagedDevice) async throws {
        let debs = try await LabDebs.directory(of: ["clamav-daemon", "clamav-freshclam"])
        try device.host.bring(debs, to: "/debs")
        try await device.device.run(script, within: .seconds(300)).succeeded()
        try await device.application("ClamAV runs", "clamav") { $0.text("state") == "running" }
    }
}
