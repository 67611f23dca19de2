import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Real units of a real systemd, watched by the agent.
@Suite(.needsRoot, .oneAtATime)
struct ServicesTests {
    @Test func aUnitThatFailsAndRecovers() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let device = try lab.device("krk-pc-04")
            try await device.enrol()
            try device.host.write(
                """
                [Service]
                ExecStart=/bin/sh -c 'test -e /run/well || exit 3; exec sleep infinity'

                """, to: "/etc/systemd/system/weak.service")
            try await device.run("touch /run/well; systemctl daemon-reload; systemctl start weak").succeeded()
            try await device.run("mkdir -p /etc/muster").succeeded()
            try device.host.write(
                "# mine\nwatched = weak.service nowhere.service\nperiod = 5s\n", to: "/etc/muster/services.conf")
            try await shows(device, "running", ["unit/nowhere.service": "not-found", "unit/weak.service": "active"])
            let id = try await device.id

            try await device.run("rm /run/well; systemctl restart weak").succeeded()
            try await shows(device, "failed", ["unit/nowhere.service": "not-found", "unit/weak.service": "failed"])
            try await eventually("the server knows") {
                try await lab.server.events("unit-failed", of: id).count == 1
            }
            let event = try #require(try await lab.server.events("unit-failed", of: id).first)
            #expect(event.text("text") == "weak.service failed (exit-code)")

            // Known across the agent's restart: nothing is said twice.
            try await device.run("systemctl restart muster-agent").succeeded()
            try await device.waitForAgent()
            try await device.sync()
            #expect(try await lab.server.events("unit-failed", of: id).count == 1)
            #expect(try await lab.server.events("unit-recovered", of: id).isEmpty)

            try await device.run("touch /run/well; systemctl restart weak").succeeded()
            try await shows(device, "running", ["unit/nowhere.service": "not-found", "unit/weak.service": "active"])
            try await eventually("the server knows") {
                try await lab.server.events("unit-recovered", of: id).count == 1
            }
            #expect(try await lab.server.events("unit-failed", of: id).count == 1)
        }
    }

    private func shows(_ device: LabDevice, _ state: String, _ facts: [String: String]) async throws {
        try await eventually("services are \(state)", state: { "\(try await device.status())" }) {
            let all = try await device.status()["managedApplications"] as? [[String: Any]] ?? []
            guard let services = all.first(where: { $0.text("application") == "services" }) else { return false }
            let shown = (services["facts"] as? [[String: Any]] ?? []).map { ($0.text("name") ?? "", $0.text("text") ?? "") }
            return services.text("state") == state && Dictionary(shown) { $1 } == facts
        }
    }
}
