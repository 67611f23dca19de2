import MusterLabKit
import MusterTestKit
import Testing

/// Settings that a device cannot bring into force, and what is in their way.
@Suite(.needsRoot, .oneAtATime)
struct FailedSettingsTests {
    @Test func theyAreSentOnceSaidAndTriedAgainByTheDeviceItself() async throws {
        try await withLab(LabPlan([("krk-pc-05", .hosting)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-05")
            try await managed.connectForGood()
            try await managed.createPolicy("Watch", of: "services", "watched=dbus.service", "period=20s")
            try await managed.createPolicy("Agent", of: "network-agent", "sync-interval=10m")
            for policy in ["Watch", "Agent"] { try await managed.delivery(policy, becomes: "applied") }
            try await managed.statusBecomes("ok")

            try await putObstacles(managed.device)
            try await managed.server.muster("policies", "set", "Watch", "period=30s").succeeded()
            try await managed.server.muster(
                "policies", "set", "Agent", "sync-interval=12m", "request-port=15010"
            ).succeeded()
            try await bothFailAndSayWhy(managed)
            try await theLastGoodOnesAreInForce(managed)
            let came = try await howOftenTheyCame(managed)
            for _ in 0..<3 { try await managed.device.sync() }
            #expect(try await howOftenTheyCame(managed) == came)
            #expect(try await managed.delivery("Watch").text("delivery") == "failed")

            try await managed.device.run("umount /etc/muster; systemctl stop blocker").succeeded()
            // By itself after a minute at first, then less often.
            for policy in ["Watch", "Agent"] { try await managed.delivery(policy, becomes: "applied", within: .seconds(300)) }
            #expect(try await howOftenTheyCame(managed) == came)
            #expect(managed.settingsFile.contains("period = 30s\n"))
            #expect(try await requests(managed).number("port") == 15010)
            try await managed.statusBecomes("ok")
            try await aFileThatMayNotBeWritten(managed)
        }
    }

    /// The directory of the settings' file is read-only, and another program has the port.
    private func putObstacles(_ device: LabDevice) async throws {
        try await device.run("mount --bind /etc/muster /etc/muster && mount -o remount,bind,ro /etc/muster").succeeded()
        try await device.run("systemd-run --unit=blocker nc -u -l 15010").succeeded()
        try await eventually("the port is taken") { try await device.run("ss -Hlun sport = :15010").output.contains("15010") }
    }

    private func bothFailAndSayWhy(_ managed: ManagedDevice) async throws {
        let watch = try await managed.delivery("Watch", becomes: "failed", code: "fileReadOnly")
        #expect(watch.text("text")?.contains("Read-only file system") == true, "\(watch)")
        let agent = try await managed.delivery("Agent", becomes: "failed", code: "udpPortNotBound")
        #expect(agent.text("text")?.contains("15010 cannot be had: Address already in use") == true, "\(agent)")
        try await managed.statusBecomes("warning settings-failed:network-agent,services")
        let table = try await managed.server.muster("policies", "delivery", "Watch", "--state", "failed").succeeded().output
        #expect(table.contains("(fileReadOnly)") && table.contains("krk-pc-05"), "\(table)")
    }

    /// And of those that came together with them, what can be.
    private func theLastGoodOnesAreInForce(_ managed: ManagedDevice) async throws {
        #expect(managed.settingsFile.hasSuffix("period = 20s\nwatched = dbus.service\n"))
        #expect(try await managed.application().fact("unit/dbus.service") == "active")
        #expect(try await managed.device.status().number("syncIntervalSeconds") == 720)
        let requests = try await requests(managed)
        #expect(requests.number("port") == 15000 && requests.text("failure") != nil, "\(requests)")
        let listens = try await managed.device.run("ss -Hlunp sport = :15000").output
        #expect(listens.contains("muster-agent"), "\(listens)")
    }

    private func aFileThatMayNotBeWritten(_ managed: ManagedDevice) async throws {
        try await managed.device.run("chmod 0444 \(ManagedDevice.file)").succeeded()
        try await managed.server.muster("policies", "set", "Watch", "period=40s").succeeded()
        let failed = try await managed.delivery("Watch", becomes: "failed", code: "fileReadOnly")
        #expect(failed.text("text")?.contains("chmod u+w \(ManagedDevice.file)") == true, "\(failed)")
        try await managed.device.run("chmod u+w \(ManagedDevice.file)").succeeded()
        try await managed.delivery("Watch", becomes: "applied", within: .seconds(300))
        try await managed.statusBecomes("ok")
    }

    private func requests(_ managed: ManagedDevice) async throws -> [String: Any] {
        try await managed.device.status()["connectionRequests"] as? [String: Any] ?? [:]
    }

    private func howOftenTheyCame(_ managed: ManagedDevice) async throws -> [Int] {
        [try await managed.timesThatCame("settings"), try await managed.timesThatCame("agent")]
    }
}
