import MusterLabKit
import MusterTestKit
import Testing

/// A policy of services on a real systemd, from the command to the device's file and back.
@Suite(.needsRoot, .oneAtATime)
struct ServicesPolicyTests {
    @Test func whatIsToBeWatchedIsSaidOnceAndSeen() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-04")
            try await managed.connectForGood()
            try await makeUnits(managed.device)
            try await thePolicyIsInForceInTheOwnersFile(managed)
            try await aUnitThatFailedIsAReason(managed)
            try await whatTheOwnerChangesStaysAndIsShown(managed)
            try await whatIsLockedIsPutBack(managed)
            try await tenSynchronizationsMoveNoDocument(managed)
        }
    }

    /// One that fails when it is told to, and one that ends and is started again all the time.
    private func makeUnits(_ device: LabDevice) async throws {
        try device.host.write(
            "[Service]\nExecStart=/bin/sh -c 'test -e /run/well || exit 3; exec sleep infinity'\n",
            to: "/etc/systemd/system/weak.service")
        try device.host.write(
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep 0.5\nRestart=always\nRestartSec=100ms\n",
            to: "/etc/systemd/system/busy.service")
        try await device.run("touch /run/well; systemctl daemon-reload; systemctl start weak busy").succeeded()
    }

    private func thePolicyIsInForceInTheOwnersFile(_ managed: ManagedDevice) async throws {
        try managed.host.write("# The owner's own words.\nperiod = 9s # not too often\n", to: ManagedDevice.file)
        try await managed.createPolicy(
            "Watch", of: "services", "watched=weak.service,busy.service", "period=5s", locked: ["period"])
        try await managed.delivery("Watch", becomes: "applied")
        #expect(
            managed.settingsFile
                == "# The owner's own words.\nperiod = 5s # not too often\nwatched = weak.service busy.service\n")
        try await managed.application("both are watched") {
            $0.fact("unit/weak.service") == "active" && $0.fact("unit/busy.service") == "active"
        }
        #expect(try await managed.application().text("delivery") == "applied")
        let counts = try #require(try await managed.server.musterJSON("policies", "delivery", "Watch").first)
        #expect((counts["counts"] as? [String: Any])?.number("applied") == 1 && counts.number("total") == 1, "\(counts)")
        let table = try await managed.server.muster("devices", "applications", managed.id).succeeded().output
        #expect(table.contains(/services .* running +applied/), "\(table)")
        try await managed.statusBecomes("ok")
    }

    private func aUnitThatFailedIsAReason(_ managed: ManagedDevice) async throws {
        try await managed.device.run("rm /run/well; systemctl restart weak").succeeded()
        let failed = try await managed.event("unit-failed", count: 1)
        #expect(failed.first?.text("text") == "weak.service failed (exit-code)")
        try await managed.statusBecomes("warning unit-failed:weak.service")
        #expect(try await managed.application().text("state") == "failed")
        try await managed.createPolicy("Strict", of: "device-status", "unit-failed=critical")
        try await managed.statusBecomes("critical unit-failed:weak.service")
        let overview = try await managed.server.muster("overview").succeeded().output
        #expect(overview.contains("Critical: a watched unit failed: 1 device"), "\(overview)")
        try await managed.device.run("touch /run/well; systemctl restart weak").succeeded()
        _ = try await managed.event("unit-recovered", count: 1)
        try await managed.statusBecomes("ok")
    }

    private func whatTheOwnerChangesStaysAndIsShown(_ managed: ManagedDevice) async throws {
        try await managed.device.run("sed -i 's/^watched = .*/watched = weak.service/' \(ManagedDevice.file)").succeeded()
        try await managed.application("it is changed locally") { $0.texts("changedLocally") == ["watched"] }
        #expect(try await managed.application().text("delivery") == "applied")
        let events = try await managed.event("setting-changed-locally", count: 1)
        #expect(events.first?.text("text")?.contains("'watched'") == true)
        let settings = try await managed.server.musterJSON("devices", "settings", managed.id, "--application", "services")
        #expect(settings.filter { $0["changedLocally"] as? Bool == true }.texts("key") == ["watched"], "\(settings)")
        #expect(try await managed.status == "ok")
        try await managed.server.muster("policies", "set", "Strict", "changed-locally=warning").succeeded()
        try await managed.statusBecomes("warning changed-locally:services")
        try await managed.device.sync()
        #expect(managed.settingsFile.hasSuffix("\nwatched = weak.service\n"))
    }

    private func whatIsLockedIsPutBack(_ managed: ManagedDevice) async throws {
        try await managed.device.run("sed -i 's/^period = 5s/period = 10m/' \(ManagedDevice.file)").succeeded()
        let events = try await managed.event("setting-put-back", count: 1)
        #expect(events.first?.text("text")?.contains("'period'") == true)
        #expect(managed.settingsFile.contains("\nperiod = 5s # not too often\n"))
        #expect(try await managed.application().texts("changedLocally") == ["watched"])
        try await managed.server.muster("policies", "lock", "Watch", "watched").succeeded()
        try await managed.application("nothing is changed locally") { $0.texts("changedLocally").isEmpty }
        #expect(managed.settingsFile.hasSuffix("\nwatched = weak.service busy.service\n"))
        #expect(try await managed.server.events("setting-changed-locally", of: managed.id).count == 1)
        try await managed.statusBecomes("ok")
    }

    /// Numbers that change by themselves do all the while.
    private func tenSynchronizationsMoveNoDocument(_ managed: ManagedDevice) async throws {
        let nothing = "Documents sent: 0 (0 bytes), received: 0."
        try await managed.application("both are watched") { $0.fact("unit/busy.service") == "active" }
        try await eventually("nothing moves any more") { try await managed.device.sync().output.contains(nothing) }
        let restarts = try await self.restarts(managed)
        let (sent, came) = (try await managed.documentsSent, try await managed.timesThatCame("settings"))
        for _ in 0..<10 {
            let said = try await managed.device.sync().output
            #expect(said.contains(nothing), "\(said)")
        }
        #expect(try await self.restarts(managed) > restarts)
        let after = try await managed.documentsSent
        #expect(after == sent && after > 0)
        #expect(try await managed.timesThatCame("settings") == came && came > 0)
        // What is not idle moves one.
        try await managed.device.run("rm /run/well; systemctl restart weak").succeeded()
        try await eventually("a document moves") { try await managed.documentsSent == sent + 1 }
    }

    private func restarts(_ managed: ManagedDevice) async throws -> Int {
        let shown = try await managed.device.run("systemctl show --property=NRestarts --value busy").succeeded().output
        return try #require(Int(shown.filter(\.isNumber)))
    }
}
