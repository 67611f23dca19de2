import MusterLabKit
import MusterTestKit
import Testing

/// A task has APT bring a newer agent while a scan runs: both runs come to their ends.
@Suite(.needsRoot, .oneAtATime)
struct UpgradeDuringScanTests {
    /// A threat, so much that it takes seconds, and another threat: paths are scanned in the order they are given in.
    private static let tree = """
        set -e
        mkdir -p /srv/tree/first /srv/tree/many /srv/tree/last
        cp /srv/original /srv/tree/first/evil
        cp /srv/original /srv/tree/last/evil
        cd /srv/tree/many
        seq 1 \(files) | split -l 1 -a 5 -d - file
        """
    private static let files = 20_000

    /// Stopped once it has dealt with the first threat, the scan is in the middle for as long as the other task takes.
    private static func holdUp(_ scan: String) -> String {
        """
        until grep -q FOUND /var/lib/muster-clamav/found 2>/dev/null; do sleep 0.02; done
        pkill -STOP -f '\(process(scan))'
        """
    }

    /// How its process is found, and not whoever looks for it.
    private static func process(_ scan: String) -> String { "[r]un-task .*\(scan)" }

    @Test func theScanGoesOnAndEachRunEndsOnce() async throws {
        try await withLab(LabPlan([("krk-pc-05", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-05")
            try await managed.connectForGood()
            try await ClamAVInstallation.make(on: managed)
            try managed.host.write(ClamAVInstallation.eicar, to: "/srv/original")
            try await managed.device.run(Self.tree).succeeded()
            try await managed.device.run(LabRepository.ofNewerAgent).succeeded()
            let place = Workplace(server: managed.server, device: managed.device, id: managed.id)

            let scan = try await place.order(
                "clamav", "scan",
                ["--set", "paths=/srv/tree/first,/srv/tree/many,/srv/tree/last", "--set", "action=quarantine"])
            try await managed.device.run(Self.holdUp(scan)).succeeded()
            let before = try await process(of: scan, managed)
            try await eventually("it is seen to run") { try await place.run(scan).text("state") == "running" }
            _ = try await managed.event("threat-found", count: 1)

            try await place.succeeds("apt", "install", "--set", "packages=muster-agent", figures: ["upgraded": 1])
            #expect(try await place.version(of: "muster-agent") == "9.0")
            #expect(try await process(of: scan, managed) == before, "the scan's process is the one it was")
            #expect(try await place.run(scan).text("state") == "running")

            try await managed.device.run("pkill -CONT -f '\(Self.process(scan))'").succeeded()
            let ended = try await place.end(of: scan)
            #expect(ended.text("state") == "succeeded", "\(ended)")
            let figures = ended["figures"] as? [String: Any] ?? [:]
            #expect(figures.number("filesScanned") == Self.files + 2 && figures.number("threatsDealtWith") == 2, "\(ended)")
            try await eachIsToldOnce(managed, scan)
        }
    }

    /// Its pid, and when it began.
    private func process(of scan: String, _ managed: ManagedDevice) async throws -> String {
        let script = "for p in $(pgrep -f '\(Self.process(scan))'); do cut -d ' ' -f 1,22 /proc/$p/stat; done"
        let said = try await managed.device.run(script).succeeded().output
        #expect(said.split(separator: "\n").count == 1, "\(said)")
        return said
    }

    private func eachIsToldOnce(_ managed: ManagedDevice, _ scan: String) async throws {
        _ = try await managed.event("threat-found", count: 2)
        _ = try await managed.event("scan-finished", count: 1)
        // What would be told a second time has been by then.
        try await managed.device.run("systemctl restart muster-agent").succeeded()
        try await managed.device.waitForAgent()
        try await managed.device.sync()
        let runs = try await managed.server.musterJSON("runs", "list", "--device", managed.id)
        #expect(runs.count == 2 && runs.allSatisfy { $0.text("state") == "succeeded" }, "\(runs)")
        for (type, count) in [("task-started", 2), ("task-finished", 2), ("threat-found", 2), ("scan-finished", 1)] {
            #expect(try await managed.server.events(type, of: managed.id).count == count, "\(type)")
        }
        let units = try await managed.device.run("journalctl -q --no-pager -o cat | grep -c '^Started muster-task-\(scan)'")
            .output
        #expect(units == "1\n", "its unit was started once")
        #expect(
            try await managed.device.run("ls -A /srv/tree/first /srv/tree/last").output == "/srv/tree/first:\n\n/srv/tree/last:\n"
        )
    }
}
