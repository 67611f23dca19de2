import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Many devices behind one address.
@Suite(.needsRoot, .oneAtATime)
struct CrowdTests {
    /// 60 `muster-agent` processes with a state directory each, on one booted system: to the server they differ from 60 machines only in
    /// what they report. It takes 10 enrolments a second, so most are told to come back, and do.
    @Test func sixtyDevicesEnrolAtOnceBehindOneAddress() async throws {
        try await withLab(LabPlan([("krk-pc-08", .home)])) { lab in
            let device = try lab.device("krk-pc-08")
            try await device.install()
            let (token, pins) = try await lab.server.makeToken(uses: 60)
            try device.host.write("\(token)\n", to: "/root/token", mode: 0o600)
            let trust = pins.map { "--pin \($0)" }.joined(separator: " ")
            let enrol =
                "muster-agent enrol --state-dir /var/lib/crowd/$i --server \(device.serverName) --token-file /root/token \(trust)"
            let script = """
                mkdir -p /var/lib/crowd
                for i in $(seq 60); do (until \(enrol) >/var/lib/crowd/$i.log 2>&1; do sleep 1; done) & done
                wait
                ls /var/lib/crowd | grep -vc log
                """
            #expect(try await device.run(script, within: .seconds(240)).succeeded().output == "60\n")
            let run = "systemd-run -q --unit=crowd-$i muster-agent run --state-dir /var/lib/crowd/$i"
            try await device.run("for i in $(seq 60); do \(run); done").succeeded()
            try await eventually("all of them have synchronized") {
                try await lab.server.musterJSON("devices", "list").texts("lastSynchronization").count == 60
            }
            let devices = try await lab.server.musterJSON("devices", "list")
            #expect(Set(devices.texts("id")).count == 60)
            #expect(Set(devices.texts("address")) == [LabPlace.home.outside])
        }
    }
}
