import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Debian's ClamAV on a booted device, and what its administrator sees of it.
@Suite(.needsRoot, .oneAtATime)
struct ClamAVTests {
    /// A database that knows one file, in place of the official ones: their units must not wait for those, and nothing is to be downloaded.
    private static let installation = """
        set -e
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
    private static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-"# + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

    private func install(on device: ManagedDevice) async throws {
        let debs = try await LabDebs.directory(of: ["clamav-daemon", "clamav-freshclam"])
        try device.host.bring(debs, to: "/debs")
        try await device.device.run(
            "export DEBIAN_FRONTEND=noninteractive\n" + Self.installation, within: .seconds(300)
        ).succeeded()
    }

    private func becomes(_ state: String, _ device: ManagedDevice) async throws {
        try await device.application("ClamAV is \(state)", "clamav") { $0.text("state") == state }
    }

    /// As clamonacc has a file scanned when it is opened.
    private func scan(_ path: String, on device: ManagedDevice) async throws -> String {
        try await device.device.run("printf 'zCONTSCAN \(path)\\0' | nc -NU /run/clamav/clamd.ctl").succeeded().output
    }

    @Test func whatItFindsIsAnEventWithinSecondsAndAReasonUntilItIsGone() async throws {
        try await withLab(LabPlan([("krk-pc-05", .home)])) { lab in
            let device = try await ManagedDevice(lab, "krk-pc-05")
            try await device.connectForGood()
            try await becomes("not-installed", device)
            try await install(on: device)
            try await becomes("running", device)
            try await device.statusBecomes("ok")

            try device.host.write(Self.eicar, to: "/srv/evil")
            let start = ContinuousClock.now
            #expect(try await scan("/srv/evil", on: device).contains("Test.Eicar.UNOFFICIAL FOUND"))
            let event = try #require(try await device.event("threat-found", count: 1).first)
            print("from the scan to the event at the server: \(start.duration(to: .now))")
            #expect(event.text("severity") == "critical")
            #expect(event.text("text") == "Test.Eicar.UNOFFICIAL was found in /srv/evil: the file is there still")
            try await device.statusBecomes("critical threat-found:/srv/evil")

            // Neither another scan nor another agent tells it again.
            _ = try await scan("/srv/evil", on: device)
            try await device.device.run("systemctl restart muster-agent").succeeded()
            try await device.device.run("rm /srv/evil").succeeded()
            _ = try await device.event("threat-gone", count: 1)
            _ = try await device.event("threat-found", count: 1)
            try await device.statusBecomes("ok")

            // What clamd's own user could not read.
            try device.host.write(Self.eicar, to: "/srv/again", mode: 0o600)
            try await Workplace(server: device.server, device: device.device, id: device.id).succeeds(
                "clamav", "scan", "--set", "paths=/srv", "action=quarantine",
                figures: ["filesScanned": 1, "threatsFound": 1, "threatsDealtWith": 1])
            let texts = try await device.event("threat-found", count: 2).map { $0.text("text") ?? "" }
            #expect(texts.contains("Test.Eicar.UNOFFICIAL was found in /srv/again: the file is in quarantine"), "\(texts)")
            _ = try await device.event("scan-finished", count: 1)
            #expect(try await device.device.run("ls /srv").output == "")
            try await device.statusBecomes("ok")
        }
    }

    @Test func oneThatHangsAndOneThatIsStoppedAreTold() async throws {
        try await withLab(LabPlan([("krk-pc-05", .home)])) { lab in
            let device = try await ManagedDevice(lab, "krk-pc-05")
            try await device.connectForGood()
            try await install(on: device)
            try await becomes("running", device)

            try await device.createPolicy("Scanning", of: "clamav", "maximum-threads=3", "detect-pua=on")
            try await device.delivery("Scanning", becomes: "applied")
            try await device.application("clamd has taken them", "clamav") { $0.text("state") == "running" }
            let conf = try await device.device.run("cat /etc/clamav/clamd.conf").output
            #expect(conf.contains("\nMaxThreads 3\n") && conf.contains("\nDetectPUA yes\n"), "\(conf)")
            #expect(conf.hasPrefix("#Automatically Generated by clamav-daemon postinst\n"))
            try await becomes("running", device)

            // While it reads its databases it does not answer either, and hangs not.
            // So it is looked at as hanging only when it has answered since it was started: two looks are 15 s apart.
            try await Task.sleep(for: .seconds(30))
            try await device.application("clamd answers", "clamav") { $0.fact("clamd") != "loading databases" }
            try await device.device.run("systemctl kill --signal=STOP clamav-daemon.service").succeeded()
            try await becomes("failed", device)
            let silent = try #require(try await device.event("protection-stopped", count: 1).first)
            #expect(silent.text("text") == "clamd does not answer: nothing is scanned")
            try await device.statusBecomes("critical protection-stopped:silent")
            try await device.device.run("systemctl kill --signal=CONT clamav-daemon.service").succeeded()
            try await becomes("running", device)
            _ = try await device.event("protection-running", count: 1)

            // Its socket is systemd's, which would start it again for whoever connects.
            try await device.device.run("systemctl stop clamav-daemon.service").succeeded()
            try await becomes("stopped", device)
            _ = try await device.event("protection-stopped", count: 2)
            #expect(try await device.device.run("systemctl is-active clamav-daemon.service").output == "inactive\n")
            #expect(try await device.device.run("systemctl is-active clamav-daemon.socket").output == "active\n")
        }
    }
}
