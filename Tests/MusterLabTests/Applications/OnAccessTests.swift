import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// Files scanned as somebody opens them: Debian's clamonacc on a booted device, switched on and off by a policy.
@Suite(.needsRoot, .oneAtATime)
struct OnAccessTests {
    private static let folder = "/srv/watched"

    @Test func whatSomebodyOpensIsAnEventAndMayNotBeReadWhereThatIsPrevented() async throws {
        try await withLab(LabPlan([("krk-pc-05", .home)])) { lab in
            let device = try await OnAccessDevice(lab, "krk-pc-05", watching: Self.folder)
            try await device.managed.createPolicy(
                "Watch", of: "clamav", "on-access=on", "on-access-paths=\(Self.folder)")
            try await device.managed.delivery("Watch", becomes: "applied")
            try await device.managed.application("it is active", "clamav") { $0.fact("on-access") == "active" }
            try await device.watches(times: 1)

            _ = try await device.openByNobody("\(Self.folder)/evil")
            try await device.tells("\(Self.folder)/evil", count: 1)
            try await device.printTheWay(of: "\(Self.folder)/evil")

            try await device.managed.server.muster("policies", "set", "Watch", "on-access-prevention=on").succeeded()
            try await device.managed.delivery("Watch", becomes: "applied")
            try await device.watches(times: 2)
            let refused = try await device.openByNobody("\(Self.folder)/again")
            #expect(refused.error.contains("Operation not permitted") && refused.output == "", "\(refused)")
            try await device.tells("\(Self.folder)/again", count: 2)
            try await device.printTheWay(of: "\(Self.folder)/again")

            try await device.managed.server.muster("policies", "set", "Watch", "on-access=off").succeeded()
            try await device.managed.delivery("Watch", becomes: "applied")
            try await eventually("clamonacc has ended") { try await device.managed.device.run("pidof clamonacc").output == "" }
            #expect(try await device.openByNobody("\(Self.folder)/free").output == ClamAVInstallation.eicar)
            try await device.managed.application("it is off", "clamav") { $0.fact("on-access") == "inactive" }
            try await device.managed.statusBecomes("ok")
            _ = try await device.managed.event("threat-found", count: 2)
        }
    }

    /// As where the kernel lets nobody watch.
    @Test func settingsFailWhereClamonaccDoesNotStayUpAndAreInForceOnceItDoes() async throws {
        try await withLab(LabPlan([("krk-pc-04", .hosting)])) { lab in
            let device = try await OnAccessDevice(lab, "krk-pc-04", watching: Self.folder)
            let managed = device.managed
            let unit = "/etc/systemd/system/clamav-clamonacc.service.d"
            try await managed.device.run("mkdir -p \(unit)").succeeded()
            try managed.host.write(
                "[Service]\nSystemCallFilter=~fanotify_init\nSystemCallErrorNumber=EPERM\n", to: "\(unit)/refused.conf")
            try await managed.device.run("systemctl daemon-reload").succeeded()
            try await managed.createPolicy("Watch", of: "clamav", "on-access=on", "on-access-paths=\(Self.folder)")

            let failed = try await managed.delivery("Watch", becomes: "failed", code: "onAccessFailed")
            #expect(failed.text("text")?.contains("fanotify_init failed: Operation not permitted") == true, "\(failed)")
            _ = try await managed.event("settings-failed", count: 1)
            #expect(try await managed.server.events("settings-applied", of: managed.id).isEmpty)
            try await managed.statusBecomes("warning settings-failed:clamav unit-failed:clamav-clamonacc.service")
            #expect(try await device.openByNobody("\(Self.folder)/evil").output == ClamAVInstallation.eicar)

            try await managed.device.run("rm -r \(unit); systemctl daemon-reload").succeeded()
            // The agent starts it again by itself, at first after a minute, then less often.
            try await managed.delivery("Watch", becomes: "applied", within: .seconds(600))
            _ = try await managed.event("settings-applied", count: 1)
            try await managed.statusBecomes("ok")
            _ = try await device.openByNobody("\(Self.folder)/evil")
            try await device.tells("\(Self.folder)/evil", count: 1)
        }
    }
}

/// A device of a lab with Debian's ClamAV and a folder to watch, whose files somebody opens who is not root.
struct OnAccessDevice {
    private static let log = "/var/log/clamav/clamonacc.log"

    let managed: ManagedDevice

    init(_ lab: Lab, _ name: String, watching folder: String) async throws {
        managed = try await ManagedDevice(lab, name)
        try await managed.connectForGood()
        try await ClamAVInstallation.make(on: managed)
        try await managed.device.run("install -d -m 0777 \(folder)").succeeded()
        try managed.host.write(ClamAVInstallation.eicar, to: "/srv/original")
    }

    /// Waits until clamonacc has begun to watch so often.
    func watches(times: Int) async throws {
        try await eventually("clamonacc watches", state: { managed.host.read(Self.log) }) {
            managed.host.read(Self.log).components(separatedBy: "ClamInotif: watching ").count == times + 1
        }
    }

    /// Writes the file and opens it to read. - Returns: what was read.
    func openByNobody(_ path: String) async throws -> CommandResult {
        try await managed.device.run(
            "runuser -u nobody -- sh -c 'cp /srv/original \(path); date +%s.%N >&3; cat \(path)' 3>\(opened)")
    }

    /// The event of what was found in a file.
    func tells(_ path: String, count: Int) async throws {
        let events = try await managed.event("threat-found", count: count)
        let text = "Test.Eicar.UNOFFICIAL was found in \(path): "
        #expect(events.contains { $0.text("severity") == "critical" && $0.text("text")?.hasPrefix(text) == true }, "\(events)")
    }

    /// Server and device have one clock. clamonacc writes what it found as it moves the file, and nothing after it.
    func printTheWay(of path: String) async throws {
        let event = try await managed.server.events("threat-found", of: managed.id).first {
            $0.text("text")?.contains(path) == true
        }
        let received = try #require(event?.text("received"))
        let style = Date.ISO8601FormatStyle.iso8601.year().month().day().time(includingFractionalSeconds: true)
        let stored = try Date(received, strategy: style).timeIntervalSince1970
        let times = try await managed.device.run("cat \(opened); stat -c %.9Y \(Self.log)").output.split(separator: "\n")
            .compactMap { Double($0) }
        let (open, log) = (try #require(times.first), try #require(times.last))
        print("\(path): opened → in clamonacc's log \(log - open) s, log → event at the server \(stored - log) s")
    }

    private var opened: String { "/run/opened" }
}
